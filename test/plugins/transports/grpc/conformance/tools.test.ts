import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { certificateFolder, certificates } from "../../../../support/certificates.js";
import { CHECK, message, PREDICT } from "../../../../support/http2/grpc-request.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { leasesGone, serve } from "./stage.js";

const run = promisify(execFile);
const has = (tool: string) => spawnSync(tool, ["--version"]).status === 0;

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "salver-tools-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A file with a whole gRPC message. */
async function messageFile(bytes: Uint8Array): Promise<string> {
  const path = join(await folder(), "message");
  await writeFile(path, message(bytes));
  return path;
}

const grpcHeaders = ["-H", "content-type: application/grpc", "-H", "te: trailers"];

describe.each(engines)("%s: tools of others", (engine) => {
  describe.skipIf(!has("curl"))(`curl${has("curl") ? "" : " (skipped: there is no curl)"}`, () => {
    const curl = async (port: number, path: string, bytes: Uint8Array, ...more: readonly string[]) => {
      const [file, into] = [await messageFile(bytes), join(await folder(), "reply")];
      const address = `http://127.0.0.1:${port}${path}`;
      const asking = [
        "-sS",
        "--http2-prior-knowledge",
        "--max-time",
        "20",
        ...grpcHeaders,
        "--data-binary",
        `@${file}`,
      ];
      const { stdout } = await run("curl", [...asking, "-D", "-", "-o", into, ...more, address]);
      return { headers: stdout, body: await readFile(into).catch(() => Buffer.alloc(0)) };
    };

    test("a call, small and large", async () => {
      const { port } = await serve(engine);
      for (const length of [5, 3_000_000]) {
        const payload = Buffer.alloc(length, "c");
        const { headers, body } = await curl(port, PREDICT, predictRequest(payload));
        expect(headers).toMatch(/^HTTP\/2 200/);
        expect(headers).toMatch(/grpc-status: 0/);
        expect(predictedPayload(body.subarray(5)).equals(payload)).toBe(true);
      }
    });

    test("an error, and what is no gRPC", async () => {
      const { port } = await serve(engine);
      const refused = () => curl(port, "/no/thing", Buffer.alloc(0));
      // grpc-js may answer before curl has sent its message, which curl takes for a broken stream.
      const again = engine === "grpc-js" ? () => refused().catch(refused).catch(refused) : refused;
      expect((await again()).headers).toMatch(/grpc-status: 12/);
      const { stdout } = await run("curl", [
        "-sS",
        "--http2-prior-knowledge",
        "--max-time",
        "20",
        "-o",
        join(await folder(), "x"),
        "-w",
        "%{http_code}",
        `http://127.0.0.1:${port}/`,
      ]);
      expect(stdout).toMatch(/^4\d\d$/);
    });

    test("TLS", async () => {
      const { port } = await serve(engine, { tls: certificates.server }, { baseDir: certificateFolder });
      const file = await messageFile(predictRequest());
      const asking = [
        "-sS",
        "--http2",
        "--max-time",
        "20",
        "--cacert",
        join(certificateFolder, "ca.pem"),
        ...grpcHeaders,
      ];
      const { stdout } = await run("curl", [
        ...asking,
        "--data-binary",
        `@${file}`,
        "-o",
        join(await folder(), "x"),
        "-D",
        "-",
        `https://localhost:${port}${PREDICT}`,
      ]);
      expect(stdout).toMatch(/grpc-status: 0/);
    });

    test("an upgrade from HTTP/1.1 is not taken for a call", async () => {
      const { port, channel } = await serve(engine);
      await run("curl", ["-s", "--http2", "--max-time", "3", `http://127.0.0.1:${port}/`]).catch(() => {});
      await channel().bytes(CHECK, Buffer.alloc(0));
    });
  });

  describe.skipIf(!has("nghttp"))(`nghttp${has("nghttp") ? "" : " (skipped: there is no nghttp)"}`, () => {
    test.each([
      ["as it is", []],
      ["with padding", ["--padding=64"]],
      ["with small windows", ["--window-bits=10", "--connection-window-bits=10"]],
      ["with a small table", ["--header-table-size=64"]],
      ["with many headers in CONTINUATIONs", ["--continuation"]],
      ["with half its work at a time", ["--max-concurrent-streams=2"]],
      ["without its tree of dependencies", ["--no-dep"]],
    ] as const)("calls %s", async (_, more) => {
      const { port, frontend } = await serve(engine);
      const file = await messageFile(predictRequest(Buffer.alloc(100_000, "n")));
      const address = `http://127.0.0.1:${port}${PREDICT}`;
      const { stdout } = await run("nghttp", [
        "-nv",
        ...more,
        ...grpcHeaders,
        "-t",
        "20",
        "-d",
        file,
        "-m",
        "4",
        address,
      ]);
      expect(stdout.match(/grpc-status: 0/g)).toHaveLength(4);
      expect(stdout).not.toMatch(/recv \(stream_id=\d+, invalid\)|error_code=(?!NO_ERROR)/);
      await leasesGone(frontend);
    });
  });

  describe.skipIf(!has("h2load"))(`h2load${has("h2load") ? "" : " (skipped: there is no h2load)"}`, () => {
    test.each([
      ["one connection", ["-n", "2000", "-c", "1", "-m", "100"], 10],
      ["many connections", ["-n", "2000", "-c", "40", "-m", "10"], 10],
      ["large messages", ["-n", "60", "-c", "4", "-m", "5"], 300_000],
      ["small windows", ["-n", "200", "-c", "4", "-m", "5", "-w", "12", "-W", "14"], 20_000],
    ] as const)("%s: all answered", async (_, load, length) => {
      const { port, frontend } = await serve(engine);
      const file = await messageFile(predictRequest(Buffer.alloc(length, "l")));
      const { stdout } = await run("h2load", [
        ...load,
        "-T",
        "20s",
        ...grpcHeaders,
        "-d",
        file,
        `http://127.0.0.1:${port}${PREDICT}`,
      ]);
      const count = load[1];
      expect(stdout).toContain(`${count} succeeded, 0 failed, 0 errored, 0 timeout`);
      expect(frontend.specs).toHaveLength(Number(count));
      await leasesGone(frontend);
    });
  });
});
