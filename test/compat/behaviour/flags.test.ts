import { cp, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health } from "../../../protos/gen/grpc/health/v1/health_pb.js";
import { ExampleSchema } from "../../../protos/gen/tensorflow/core/example/example_pb.js";
import { PredictionService } from "../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { freePorts, modelServer } from "../../e2e/support/model-server.js";
import { halfPlusTwo, type StockServer, stockServer } from "./stock-server.js";
import { unaryClient } from "./unary.js";

const { predict, regress, classify } = PredictionService.method;

/** A server with the flags that the other suites leave at their defaults. */
let stock: StockServer;
let client: ReturnType<typeof unaryClient>;
beforeAll(async () => {
  stock = await stockServer(
    () => "",
    (folder) => [
      "--enable_batching",
      `--batching_parameters_file=${folder}/batching`,
      "--enable_signature_method_name_check",
      "--enable_serialization_as_tensor_content=true",
      `--grpc_socket_path=${folder}/socket`,
      "--grpc_channel_arguments=grpc.max_concurrent_streams=7,grpc.primary_user_agent=a=b",
      "--tensorflow_session_parallelism=1",
    ],
    async (folder) => {
      await writeFile(join(folder, "batching"), "max_batch_size { value: 4 } allowed_batch_sizes: [2, 4]");
      await leaveSocket(join(folder, "socket"));
    },
  );
  client = unaryClient(`unix:${stock.path}/socket`);
});
afterAll(async () => {
  client?.close();
  await stock?.[Symbol.asyncDispose]();
});

/** A socket on which another process still listens. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  server.unref();
}

const half = { name: "half" };
const shape = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: BigInt(size) })) });
const floats = (values: readonly number[], ...sizes: number[]) => ({
  dtype: 1,
  tensorShape: shape(...sizes),
  floatVal: [...values],
});
const exampleOf = (x: number) =>
  toBinary(
    ExampleSchema,
    create(ExampleSchema, {
      features: { feature: { x: { kind: { case: "floatList", value: { value: [x] } } } } },
    }),
  );
const rest = async (method: string, path: string, body?: string) => {
  const reply = await fetch(`${stock.rest}${path}`, { method, ...(body !== undefined && { body }) });
  return { status: reply.status, text: await reply.text(), headers: reply.headers };
};

test("a socket that was there is replaced; outputs come in tensor_content", async () => {
  const { outputs } = await client.call(predict, { modelSpec: half, inputs: { x: floats([1, 2], 2) } } as never);
  const { tensorContent, floatVal } = outputs.y ?? {};
  expect(floatVal).toEqual([]);
  const { buffer, byteOffset, byteLength } = Uint8Array.from(tensorContent ?? []);
  expect([...new Float32Array(buffer, byteOffset, byteLength / 4)]).toEqual([2.5, 3]);
});

describe("signatures are checked for the method that is called", () => {
  const input = { kind: { case: "exampleList", value: { examples: [{}] } } };
  test.each([
    [
      "Regress",
      regress,
      { modelSpec: half, input },
      "INVALID_ARGUMENT: Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/predict",
    ],
    [
      "Classify",
      classify,
      { modelSpec: { name: "examples" }, input },
      "INVALID_ARGUMENT: Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/regress",
    ],
  ])("%s", async (_name, method, request, answer) => {
    await expect(client.call(method as typeof regress, request as never)).rejects.toBe(answer);
  });

  test("Predict takes those for Classify and Regress too", async () => {
    const inputs = { inputs: { dtype: 7, tensorShape: shape(1), stringVal: [exampleOf(5)] } };
    const { outputs } = await client.call(predict, { modelSpec: { name: "examples" }, inputs } as never);
    expect(outputs.outputs?.tensorContent).toHaveLength(4);
  });
});

describe("batching refuses", () => {
  test.each<[string, string, object, string]>([
    ["a scalar", "half", { x: floats([1]) }, "Batching Run() input tensors must have at least one dimension"],
    [
      "more rows than a batch has",
      "half",
      { x: floats([1], 5) },
      "Task size 5 is larger than maximum input batch size 4",
    ],
    [
      "inputs of different rows",
      "several",
      {
        x: floats([1], 3),
        count: { dtype: 3, tensorShape: shape(1), intVal: [1] },
        flag: { dtype: 10, tensorShape: shape(2), boolVal: [true] },
        text: { dtype: 7, tensorShape: shape(3), stringVal: [new Uint8Array()] },
      },
      "Batching Run() input tensors must have equal 0th-dimension size",
    ],
  ])("%s", async (_what, name, inputs, text) => {
    const refused = client.call(predict, { modelSpec: { name }, inputs } as never);
    await expect(refused).rejects.toEqual(expect.stringMatching(`^INVALID_ARGUMENT: ${text.replace(/[()]/g, "\\$&")}`));
  });

  test("outputs that are not rows, one for each of the inputs", async () => {
    const inputs = { x: { dtype: 9, tensorShape: shape(1, 2), int64Val: [1n, 2n] } };
    await expect(client.call(predict, { modelSpec: { name: "int64" }, inputs } as never)).rejects.toBe(
      "FAILED_PRECONDITION: Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
    );
    const outputFilter = ["y"];
    const { outputs } = await client.call(predict, { modelSpec: { name: "int64" }, inputs, outputFilter } as never);
    expect(Object.keys(outputs)).toEqual(["y"]);
  });
});

test("a version's own parameters rule its batches, a version without them is not batched", async () => {
  const base = join(stock.path, "per_model");
  await cp(halfPlusTwo, base, { recursive: true });
  await writeFile(join(base, "1/batching_params.pbtxt"), "max_batch_size { value: 2 }");
  const models = join(stock.path, "per_model.config");
  await writeFile(
    models,
    `model_config_list { config { name: "own" base_path: "${base}" model_platform: "tensorflow"
       model_version_policy { all {} } } }`,
  );
  const [port, restPort] = (await freePorts(2)) as [number, number];
  const server = modelServer([
    `--port=${port}`,
    `--rest_api_port=${restPort}`,
    `--model_config_file=${models}`,
    "--enable_batching",
    `--batching_parameters_file=${stock.path}/batching`,
    "--enable_per_model_batching_parameters",
  ]);
  await server.logged("Exporting HTTP/REST API at:");
  const tenRows = async (version: number) => {
    const body = JSON.stringify({ instances: new Array(10).fill(2) });
    const url = `http://127.0.0.1:${restPort}/v1/models/own/versions/${version}:predict`;
    return (await fetch(url, { method: "POST", body })).json();
  };
  expect(await tenRows(1)).toEqual({ error: "Task size 10 is larger than maximum input batch size 2" });
  expect(await tenRows(2)).toEqual({ predictions: new Array(10).fill(3) });
  expect(await server.stop()).toBe(0);
});

test("the health service is not there without its flag", async () => {
  await expect(client.call(Health.method.check, { service: "" })).rejects.toMatch(/^UNIMPLEMENTED: /);
});

test("allowed sizes that do not end with the largest end the start", async () => {
  const file = join(stock.path, "sizes");
  await writeFile(file, "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 4");
  const [port] = await freePorts(1);
  const flags = [`--port=${port}`, `--model_base_path=${halfPlusTwo}`, "--max_num_load_retries=0"];
  const server = modelServer([...flags, "--enable_batching", `--batching_parameters_file=${file}`]);
  expect(await server.ended).toBe(255);
  expect(server.stdout()).toMatch(/^Failed to start server\. Error: /);
  expect(server.stdout()).toContain(
    "Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8",
  );
});

test("other origins see nothing without the flag, and no page of metrics is there without its file", async () => {
  const { status, headers } = await rest("GET", "/v1/models/half");
  expect([status, headers.get("access-control-allow-origin")]).toEqual([200, null]);
  expect(await rest("OPTIONS", "/v1/models/half")).toMatchObject({ status: 400, text: "" });
  expect((await rest("GET", "/monitoring/prometheus/metrics")).status).toBe(404);
});

test("neither a port nor a socket is refused", async () => {
  const server = modelServer(["--port=0", `--model_base_path=${halfPlusTwo}`]);
  expect(await server.ended).toBe(255);
  expect(server.stdout()).toBe(
    "Failed to start server. Error: INVALID_ARGUMENT: At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.\n",
  );
});

test("a server on its socket alone", async () => {
  const path = join(stock.path, "alone");
  const server = modelServer(["--port=0", `--grpc_socket_path=${path}`, `--model_base_path=${halfPlusTwo}`]);
  await server.logged(`Running gRPC ModelServer at unix:${path} ...`);
  const opened = await new Promise((resolve) => {
    const socket = connect(path).once("error", resolve);
    socket.once("connect", () => socket.destroy()).once("close", () => resolve(true));
  });
  expect(opened).toBe(true);
  expect(await server.stop()).toBe(0);
});
