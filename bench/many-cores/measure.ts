/**
 * One I/O thread against several, on this machine: `npx tsx bench/many-cores/measure.ts [rounds] [seconds]`, after
 * `npm run build`. Needs h2load and wrk. Both servers run throughout and are loaded by turns; medians are shown.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../protos/gen/tensorflow/core/framework/types_pb.js";
import { PredictRequestSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const [rounds = 7, seconds = 3] = process.argv.slice(2).map(Number);
const counts = [1, 2];
/** Seconds. Each thread compiles its code for itself, so several take longer to be warm than one. */
const WARM_UP = 8;

type Server = {
  readonly threads: number;
  readonly pid: number;
  readonly grpc: number;
  readonly rest: number;
  stop(): void;
};
type Sample = { readonly rate: number; readonly micros: number; readonly failed: number };
type Cell = {
  readonly name: string;
  load(server: Server, seconds: number): Promise<{ readonly requests: number; readonly failed: number }>;
};

async function startServer(folder: string, threads: number): Promise<Server> {
  const models = ["half_plus_two", "mnist_onnx"].map(
    (name) => `  ${name}: { path: ${join(root, "examples/quickstart/models", name)} }\n`,
  );
  const ports =
    "transports:\n  - { type: grpc, port: 0, host: 127.0.0.1 }\n  - { type: rest, port: 0, host: 127.0.0.1 }\n";
  const config = join(folder, `${threads}.yaml`);
  await writeFile(config, `ioThreads: ${threads}\nmodels:\n${models.join("")}${ports}`);
  const child = spawn(process.execPath, [join(root, "cli/bin/salver.cjs"), "serve", config, "--log-level", "error"]);
  const text = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (/^ready /m.test(output)) resolve(output);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const port = (protocol: string) => Number(new RegExp(`^${protocol}\\s+\\S*:(\\d+)`, "m").exec(text)?.[1]);
  return { threads, pid: child.pid!, grpc: port("grpc"), rest: port("rest"), stop: () => child.kill("SIGTERM") };
}

/** The CPU time of a process, all its threads together, in microseconds. */
async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  // Ticks of a hundredth of a second: utime and stime.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function overGrpc(body: string, connections: number): Cell["load"] {
  return async ({ grpc }, seconds) => {
    const path = "tensorflow.serving.PredictionService/Predict";
    const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"];
    const load = ["-D", String(seconds), "-c", String(connections), "-m", "1", "-t", "1", "-d", body];
    const { stdout } = await run("h2load", [...load, ...headers, `http://127.0.0.1:${grpc}/${path}`]);
    const [, done, failed] = /(\d+) succeeded, (\d+) failed/.exec(stdout) ?? [];
    return { requests: Number(done), failed: Number(failed) };
  };
}

function overRest(script: string, connections: number): Cell["load"] {
  return async ({ rest }, seconds) => {
    const url = `http://127.0.0.1:${rest}/v1/models/half_plus_two:predict`;
    const { stdout } = await run("wrk", [
      "-t",
      "1",
      "-c",
      String(connections),
      "-d",
      String(seconds),
      "-s",
      script,
      url,
    ]);
    const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    return { requests, failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0) };
  };
}

async function sample(cell: Cell, server: Server): Promise<Sample> {
  const [before, start] = [await cpuOf(server.pid), performance.now()];
  const { requests, failed } = await cell.load(server, seconds);
  const [after, end] = [await cpuOf(server.pid), performance.now()];
  return { rate: (requests / (end - start)) * 1000, micros: (after - before) / requests, failed };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function framed(model: string, input: string, shape: readonly number[]): Buffer {
  const size = shape.reduce((a, b) => a * b, 1);
  const tensor = create(TensorProtoSchema, {
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim: shape.map((each) => ({ size: BigInt(each) })) },
    floatVal: Array.from({ length: size }, (_, i) => (i % 17) / 17),
  });
  const message = toBinary(
    PredictRequestSchema,
    create(PredictRequestSchema, { modelSpec: { name: model }, inputs: { [input]: tensor } }),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const folder = await mkdtemp(join(tmpdir(), "salver-cores-"));
const file = async (name: string, bytes: Buffer | string) => {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
};
const half = await file("half.bin", framed("half_plus_two", "x", [3]));
const digit = await file("digit.bin", framed("mnist_onnx", "image", [1, 28, 28, 1]));
const script = await file("half.lua", `wrk.method = "POST"\nwrk.body = '{"instances": [1.0, 2.0, 5.0]}'\n`);
const cells: readonly Cell[] = [
  { name: "gRPC half_plus_two, 16 connections", load: overGrpc(half, 16) },
  { name: "gRPC half_plus_two, 64 connections", load: overGrpc(half, 64) },
  { name: "gRPC mnist b1, 16 connections", load: overGrpc(digit, 16) },
  { name: "REST half_plus_two, 64 connections", load: overRest(script, 64) },
];

const servers: Server[] = [];
for (const threads of counts) servers.push(await startServer(folder, threads));
console.log("| | req/s, 1 thread | req/s, 2 threads | ratio | CPU us a request, 1 thread | 2 threads | failed |");
console.log("|---|---|---|---|---|---|---|");
for (const cell of cells) {
  const samples: Sample[][] = servers.map(() => []);
  for (const server of servers) await cell.load(server, WARM_UP);
  for (let round = 0; round < rounds; round++) {
    for (const [i, server] of servers.entries()) samples[i]?.push(await sample(cell, server));
  }
  const [one = [], two = []] = samples;
  // By pairs: what disturbs the machine for longer than a round disturbs both.
  const ratio = median(two.map(({ rate }, i) => rate / (one[i]?.rate ?? Number.NaN)));
  const rates = [one, two].map((all) => Math.round(median(all.map(({ rate }) => rate))));
  const micros = [one, two].map((all) => Math.round(median(all.map(({ micros }) => micros))));
  const failed = [...one, ...two].reduce((sum, each) => sum + each.failed, 0);
  console.log(`| ${cell.name} | ${rates.join(" | ")} | ${ratio.toFixed(2)} | ${micros.join(" | ")} | ${failed} |`);
}
for (const server of servers) server.stop();
await rm(folder, { recursive: true });
