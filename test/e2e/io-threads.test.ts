import { existsSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { certificateFolder, certificates } from "../support/certificates.js";
import { libtensorflowForTests } from "../support/libtensorflow.js";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { request } from "./support/rest-client.js";
import { serve } from "./support/salver.js";

const savedmodels = fileURLToPath(new URL("../fixtures/savedmodels", import.meta.url));
const tensorflow = await libtensorflowForTests();
const THREADS = ["--io-threads", "3"];

/** The models of the example and one of the user's own code; each with requests that it can answer. */
const asked: readonly (readonly [model: string, body: string])[] = [
  ["half_plus_two", '{"instances": [1.0, 2.0, 5.0]}'],
  ["half_plus_two", '{"inputs": {"x": []}}'],
  ["iris", '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'],
  ["palindrome", '{"instances": ["Never odd or even", "salver"]}'],
  ["palindrome", '{"instances": [1]}'],
  ["strings", '{"instances": [{"text": "HELLO", "suffix": "World"}, {"text": "\u00e9t\u00e9", "suffix": ""}]}'],
  ["nothing", '{"instances": [1]}'],
];

const config = `
plugins: [${join(quickstart, "palindrome.ts")}]
models:
  half_plus_two: { path: ${join(quickstart, "models/half_plus_two")} }
  iris: { path: ${join(quickstart, "models/iris")}, batching: {} }
  palindrome: { path: ${join(quickstart, "models/palindrome")}, servable: palindrome }
  strings: { path: ./strings }
`;

describe("several I/O threads", () => {
  test("answer as one thread does, each of them, refusals included", async () => {
    await using folder = await workFolder();
    await publishFixture(folder.path, "strings");
    const file = await writeConfig(folder.path, config);
    const answers = async (flags: readonly string[], times: number) => {
      const serving = await serve(file, flags);
      const all: unknown[][] = [];
      for (let i = 0; i < times; i++) {
        const round: unknown[] = [];
        for (const [model, body] of asked) {
          // A connection of its own: the threads get them by turns.
          const headers = { connection: "close" };
          round.push(await request(`${serving.rest}/v1/models/${model}:predict`, body, headers));
        }
        all.push(round);
      }
      expect((await serving.stop()).code).toBe(0);
      return all;
    };
    const [alone] = await answers([], 1);
    for (const round of await answers(THREADS, 4)) expect(round).toEqual(alone);
  });

  test.skipIf("missing" in tensorflow)("run one session of TensorFlow", async () => {
    await using folder = await workFolder();
    const at = join(quickstart, "models/half_plus_two");
    const text = `models:\n  m: { path: ${at}, servable: { type: savedmodel, engine: libtensorflow } }\n`;
    const serving = await serve(await writeConfig(folder.path, text), THREADS);
    expect(serving.stdout).toMatch(/libtensorflow/);
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => request(`${serving.rest}/v1/models/m:predict`, '{"instances": [4.0]}')),
    );
    expect(replies.map(({ body }) => body)).toEqual(replies.map(() => ({ predictions: [4] })));
    const { code, stderr } = await serving.stop();
    expect([code, stderr.match(/"level":"(?:warn|error)".*/g)]).toEqual([0, null]);
  });

  test("TLS, and a socket beside the port", async () => {
    await using folder = await workFolder();
    const socketPath = join(folder.path, "grpc.sock");
    const { ca } = certificates;
    const tls = `tls: { key: ${certificateFolder}server-key.pem, cert: ${certificateFolder}server.pem }`;
    const text = `${config.replace("strings: { path: ./strings }", "")}transports:
  - { type: grpc, port: 0, host: 127.0.0.1, socketPath: ${socketPath}, ${tls} }
  - { type: rest, port: 0, host: 127.0.0.1, ${tls} }\n`;
    const serving = await serve(await writeConfig(folder.path, text), THREADS);
    const port = (protocol: string) => Number(new RegExp(`^${protocol}\\s+\\S*:(\\d+)`, "m").exec(serving.stdout)?.[1]);

    const ready = (address: string, as = credentials.createInsecure()) => {
      const client = new Client(address, as);
      return new Promise<unknown>((resolve) =>
        client.waitForReady(Date.now() + 5000, (error) => {
          client.close();
          resolve(error);
        }),
      );
    };
    for (let i = 0; i < 3; i++) {
      expect(await ready(`localhost:${port("grpc")}`, credentials.createSsl(Buffer.from(ca)))).toBeUndefined();
      expect(await ready(`unix:${socketPath}`)).toBeUndefined();
      const status = await new Promise((resolve, reject) =>
        get({ host: "localhost", port: port("rest"), path: "/readyz", ca, agent: false }, ({ statusCode }) =>
          resolve(statusCode),
        ).on("error", reject),
      );
      expect(status).toBe(200);
    }
    expect((await serving.stop()).code).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });

  test("requests of all threads are logged, to one file", async () => {
    await using folder = await workFolder();
    const log = `requestLog: { type: tfrecord, prefix: ${join(folder.path, "log")} }`;
    const text = `models:\n  m: { path: ${join(quickstart, "models/half_plus_two")}, ${log} }\n`;
    const serving = await serve(await writeConfig(folder.path, text), THREADS);
    for (let i = 0; i < 9; i++) {
      const headers = { connection: "close" };
      await request(`${serving.rest}/v1/models/m:predict`, `{"instances": [${i}.0]}`, headers);
    }
    const { body } = await request(`${serving.rest}/monitoring/prometheus/metrics`);
    expect(body).toMatch(/salver_requests_total\{model="m",method="Predict",transport="rest",code="OK"\} 9\n/);
    expect((await serving.stop()).code).toBe(0);
    const files = (await readdir(folder.path)).filter((name) => name.startsWith("log-"));
    expect(files).toHaveLength(1);
    const bytes = await readFile(join(folder.path, files[0]!), "latin1");
    expect(bytes.match(/serving_default|half_plus_two|\bx\b/g)?.length).toBeGreaterThanOrEqual(9);
  });
});

async function publishFixture(folder: string, name: string): Promise<void> {
  await cp(join(savedmodels, name), join(folder, name, "1"), { recursive: true });
}
