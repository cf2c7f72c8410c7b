import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeHost } from "../../../../core/testing/index.js";
import { options } from "../../../../plugins/transports/grpc/options.js";
import { createGrpcTransport } from "../../../../plugins/transports/grpc/transport.js";
import { fakeFrontend } from "./fake-frontend.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "salver-grpc-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const transportAt = (written: Record<string, unknown>) =>
  createGrpcTransport(fakeHost(), options.parse({ host: "127.0.0.1", ...written }));

async function reaches(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  try {
    await new Promise<void>((resolve, reject) =>
      client.waitForReady(Date.now() + 5000, (error) => (error ? reject(error) : resolve())),
    );
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

test("a socket beside the port", async () => {
  const socketPath = join(folder, "both");
  await using transport = transportAt({ port: 0, socketPath });
  const { port } = await transport.listen(fakeFrontend());
  expect([await reaches(`unix:${socketPath}`), await reaches(`127.0.0.1:${port}`)]).toEqual([true, true]);
});

test("a socket alone", async () => {
  const socketPath = join(folder, "alone");
  await using transport = transportAt({ port: false, socketPath });
  expect(await transport.listen(fakeFrontend())).toEqual({ protocol: "grpc", host: `unix:${socketPath}`, port: 0 });
  expect(await reaches(`unix:${socketPath}`)).toBe(true);
});

test("a socket that an earlier process left is replaced", async () => {
  const socketPath = join(folder, "stale");
  const script = "require('node:net').createServer().listen(process.argv[1], () => console.log('up'))";
  const child = spawn(process.execPath, ["-e", script, socketPath]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(existsSync(socketPath)).toBe(true);
  await using transport = transportAt({ port: false, socketPath });
  await transport.listen(fakeFrontend());
  expect(await reaches(`unix:${socketPath}`)).toBe(true);
});

test("a file that is no socket is left alone", async () => {
  const socketPath = join(folder, "file");
  await writeFile(socketPath, "mine");
  await using transport = transportAt({ port: false, socketPath });
  await expect(transport.listen(fakeFrontend())).rejects.toThrow(`grpc: cannot listen on unix:${socketPath}`);
  expect(await readFile(socketPath, "utf8")).toBe("mine");
});

test("neither a port nor a socket is a mistake", () => {
  expect(() => options.parse({ port: false })).toThrow("expected a port, or a socketPath beside it");
});
