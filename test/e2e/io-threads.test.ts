import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChannelCredentials, Client, credentials } from "@grpc/grpc-js";
import { tensor } from "salver";
import { describe, expect, test } from "vitest";
import { certificateFolder, certificates } from "../support/certificates.js";
import { libtensorflowForTests } from "../support/libtensorflow.js";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient } from "./support/grpc-client.js";
import { request } from "./support/rest-client.js";
import { serve } from "./support/salver.js";

const savedmodels = fileURLToPath(new URL("../fixtures/savedmodels", import.meta.url));
const tensorflow = await libtensorflowForTests();
const tfjs = fileURLToPath(new URL("../fixtures/tfjs", import.meta.url));
const recommender = fileURLToPath(new URL("../../examples/recommender", import.meta.url));
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

  test.each(["grpc-js", "http2"])("TLS, and a socket beside the port: %s", async (engine) => {
    await using folder = await workFolder();
    const socketPath = join(folder.path, "grpc.sock");
    const { ca } = certificates;
    const tls = `tls: { key: ${certificateFolder}server-key.pem, cert: ${certificateFolder}server.pem }`;
    const text = `${config.replace("strings: { path: ./strings }", "")}transports:
  - { type: grpc, engine: ${engine}, port: 0, host: 127.0.0.1, socketPath: ${socketPath}, ${tls} }
  - { type: rest, port: 0, host: 127.0.0.1, ${tls} }\n`;
    const serving = await serve(await writeConfig(folder.path, text), THREADS);
    const port = (protocol: string) => Number(new RegExp(`^${protocol}\\s+\\S*:(\\d+)`, "m").exec(serving.stdout)?.[1]);

    const secure = credentials.createSsl(Buffer.from(ca));
    for (let i = 0; i < 3; i++) {
      expect(await healthOf(`localhost:${port("grpc")}`, secure)).toBe("serving");
      expect(await healthOf(`unix:${socketPath}`, credentials.createInsecure())).toBe("serving");
      expect(await healthOf(`localhost:${port("grpc")}`, credentials.createInsecure())).toMatch(/UNAVAILABLE/);
      const status = await new Promise((resolve, reject) =>
        get({ host: "localhost", port: port("rest"), path: "/readyz", ca, agent: false }, ({ statusCode }) =>
          resolve(statusCode),
        ).on("error", reject),
      );
      expect(status).toBe(200);
    }
    const { code, stderr } = await serving.stop();
    expect([code, stderr.match(/"level":"(?:warn|error)".*/g)]).toEqual([0, null]);
    expect(existsSync(socketPath)).toBe(false);
  });

  test.each(["grpc-js", "http2"])("a stop answers what is under way in every thread: %s", async (engine) => {
    await using folder = await workFolder();
    const started = join(folder.path, "started");
    await writeFile(join(folder.path, "slow.ts"), slow);
    await mkdir(join(folder.path, "slow/1"), { recursive: true });
    const text = `plugins: [./slow.ts]\nmodels:\n  slow: { path: ./slow, servable: slow }\ntransports:
  - { type: grpc, engine: ${engine}, port: 0, host: 127.0.0.1 }
  - { type: rest, port: 0, host: 127.0.0.1 }\n`;
    const serving = await serve(await writeConfig(folder.path, text), THREADS);
    const clients = Array.from({ length: 6 }, () => grpcClient(serving.grpc));
    const x = tensor("float32", [1], Float32Array.of(1));
    const asked = clients.map((client) => client.predict({ name: "slow" }, { x }));
    const begun = async () => (await readFile(started, "utf8").catch(() => "")).trimEnd().split("\n");
    while ((await begun()).length < clients.length) await new Promise((resolve) => setTimeout(resolve, 10));
    const stopped = serving.stop();
    const answers = await Promise.all(asked);
    expect(answers.map(({ outputs }) => outputs.y?.data)).toEqual(clients.map(() => Float32Array.of(2)));
    const { code, stderr } = await stopped;
    expect([code, stderr.match(/"level":"(?:warn|error)".*/g)]).toEqual([0, null]);
    expect(new Set(await begun()).size).toBe(3);
    for (const client of clients) client.close();
  });

  test("models that only the main thread can run answer as they do there", async () => {
    await using folder = await workFolder();
    const types = ["network", "strings"].map(
      (name) => `  tfjs_${name}: { path: ${join(tfjs, name)}, servable: tfjs }\n`,
    );
    const declared = (await readFile(join(recommender, "salver.config.yaml"), "utf8")).replaceAll(
      " ./",
      ` ${recommender}/`,
    );
    const text = declared.slice(0, declared.indexOf("transports:")).replace("models:\n", `models:\n${types.join("")}`);
    const file = await writeConfig(folder.path, text);
    const tfjsInputs = async (name: string) => {
      const { cases } = JSON.parse(await readFile(join(tfjs, `${name}.json`), "utf8")) as TfjsGolden;
      return JSON.stringify({ inputs: Object.fromEntries(Object.entries(cases[0]!.inputs).map(nested)) });
    };
    const asked: readonly (readonly [model: string, body: string])[] = [
      ["features", events],
      ["words", '{"inputs": {"tokens": ["phone", "nobody knows it"]}}'],
      ["vectors", '{"inputs": {"ids": [[0, 1, 2]]}}'],
      ["click", events],
      ["recommend", events.replace("}}", ', "k": 1}}')],
      ["tfjs_network", await tfjsInputs("network")],
      ["tfjs_strings", await tfjsInputs("strings")],
      ["words", '{"inputs": {"tokens": [1]}}'],
    ];
    const answers = async (flags: readonly string[], times: number) => {
      const serving = await serve(file, flags);
      const rounds: (readonly unknown[])[] = [];
      for (let i = 0; i < times; i++) {
        const round: unknown[] = [];
        for (const [model, body] of asked) {
          const { status, body: answer } = await request(`${serving.rest}/v1/models/${model}:predict`, body, {
            connection: "close",
          });
          round.push([model, status, answer]);
        }
        rounds.push(round);
      }
      const { code, stderr } = await serving.stop();
      expect([code, stderr.match(/"level":"(?:warn|error)".*/g)]).toEqual([0, null]);
      return rounds;
    };
    const [alone = []] = await answers([], 1);
    expect(alone.map((each) => (each as readonly unknown[])[1])).toEqual([200, 200, 200, 200, 200, 200, 200, 400]);
    for (const round of await answers(["--io-threads", "2"], 2)) expect(round).toEqual(alone);
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

/** Writes the thread that it begins in to a file, and takes its time. */
const slow = `import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { defineServable, tensor } from "salver";
export default defineServable({
  type: "slow",
  inputs: { x: { dtype: "float32", shape: [-1] } },
  outputs: { y: { dtype: "float32", shape: [-1] } },
  run: async ({ x }, { path }) => {
    await appendFile(join(path, "../../started"), threadId + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 400));
    return { y: tensor("float32", x.shape, x.data.map((value) => value * 2)) };
  },
});
`;

const events =
  '{"inputs": {"user": ["u1", "u2"], "item": ["a1", "a2"], "title": ["A dog", "The Sea"], "device": ["phone", "desk"], ' +
  '"seen": ["2026-03-02T07:30:00Z", "2026-03-02T19:00:00Z"], "age_hours": [3.5, -1]}}';

type GoldenTensor = { readonly dtype: string; readonly shape: readonly number[]; readonly data: readonly unknown[] };
type TfjsGolden = { readonly cases: readonly { readonly inputs: Readonly<Record<string, GoldenTensor>> }[] };

/** A tensor of rank 1 or 2 as REST has it. */
function nested([name, { dtype, shape, data }]: readonly [string, GoldenTensor]): readonly [string, unknown] {
  const items = dtype === "string" ? data.map((b64) => ({ b64 })) : data;
  const width = shape[1];
  if (width === undefined) return [name, items];
  return [name, Array.from({ length: shape[0] ?? 0 }, (_, row) => items.slice(row * width, (row + 1) * width))];
}

/** What the health service says there, or why nobody does. */
function healthOf(address: string, as: ChannelCredentials): Promise<string> {
  const client = new Client(address, as, { "grpc.use_local_subchannel_pool": 1 });
  const pass = (bytes: Buffer) => bytes;
  return new Promise((resolve) =>
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", pass, pass, Buffer.alloc(0), (error, reply) => {
      client.close();
      resolve(error ? String(error) : reply?.equals(Buffer.from([8, 1])) ? "serving" : "not serving");
    }),
  );
}

async function publishFixture(folder: string, name: string): Promise<void> {
  await cp(join(savedmodels, name), join(folder, name, "1"), { recursive: true });
}
