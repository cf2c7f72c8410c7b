import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { createServer } from "salver";
import { describe, expect, onTestFinished, test } from "vitest";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import savedmodel from "../../../plugins/servables/savedmodel/index.js";
import filesystem from "../../../plugins/sources/filesystem/index.js";
import grpc from "../../../plugins/transports/grpc/index.js";
import rest from "../../../plugins/transports/rest/index.js";
import { encodeExample } from "../../../protos/example/encode.js";
import { ExampleSchema } from "../../../protos/gen/tensorflow/core/example/example_pb.js";
import { DataType } from "../../../protos/gen/tensorflow/core/framework/types_pb.js";
import {
  MultiInferenceRequestSchema,
  MultiInferenceResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/inference_pb.js";
import {
  RegressionRequestSchema,
  RegressionResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/regression_pb.js";
import {
  SessionRunRequestSchema,
  SessionRunResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/session_service_pb.js";
import { grpcClient } from "../../e2e/support/grpc-client.js";
import { fixture, noTensorflow, quickstart, withTensorflow } from "../runtimes/libtensorflow/support.js";

/** The SavedModel in `folder` as version 1 of `m`, behind both transports. */
async function serve(folder: string, engine: "libtensorflow" | "onnxruntime") {
  const base = mkdtempSync(join(tmpdir(), "salver-examples-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  cpSync(folder, join(base, "1"), { recursive: true });
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer(
    {
      models: { m: { path: base, servable: { type: "savedmodel", engine } } },
      transports: [
        { type: "grpc", ...local },
        { type: "rest", ...local },
      ],
      loading: { retries: 0 },
    },
    { plugins: [availability, filesystem, grpc, rest, savedmodel] },
  );
  onTestFinished(() => server.stop());
  const addresses = await server.start();
  await server.settled;
  expect(server.frontend.status({ name: "m" })).toMatchObject([{ state: "AVAILABLE" }]);
  const portOf = (protocol: string) => addresses.find((address) => address.protocol === protocol)?.port;
  const client = grpcClient(`127.0.0.1:${portOf("grpc")}`);
  onTestFinished(client.close);
  const call = async <I extends DescMessage, O extends DescMessage>(
    path: string,
    input: I,
    output: O,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>> =>
    fromBinary(output, await client.sendBytes(`/tensorflow.serving.${path}`, toBinary(input, create(input, request))));
  const sessionRun = (request: MessageInitShape<typeof SessionRunRequestSchema>) =>
    call("SessionService/SessionRun", SessionRunRequestSchema, SessionRunResponseSchema, request);
  return { call, sessionRun, url: `http://127.0.0.1:${portOf("rest")}/v1/models/m` };
}

const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "it was answered",
    ({ code, details }: ServiceError) => `${status[code]}: ${details}`,
  );
const modelSpec = { name: "m" };

describe("a graph that parses examples regresses and classifies", () => {
  const on = async (engine: "libtensorflow" | "onnxruntime") => {
    const { call, url } = await serve(fixture("savedmodels/examples"), engine);
    const example = (value: number) =>
      fromBinary(ExampleSchema, encodeExample({ x: { kind: "float", values: Float32Array.of(value) } }));
    const input = { kind: { case: "exampleList" as const, value: { examples: [example(1), example(5)] } } };
    const regressed = await call("PredictionService/Regress", RegressionRequestSchema, RegressionResponseSchema, {
      modelSpec,
      input,
    });
    expect(regressed.result?.regressions.map(({ value }) => value)).toEqual([2.5, 4.5]);

    const { results } = await call(
      "PredictionService/MultiInference",
      MultiInferenceRequestSchema,
      MultiInferenceResponseSchema,
      {
        tasks: [
          { modelSpec: { name: "m", signatureName: "classify" }, methodName: "tensorflow/serving/classify" },
          { modelSpec, methodName: "tensorflow/serving/regress" },
        ],
        input,
      },
    );
    const [first, second] = results.map(({ result }) => result);
    expect(first?.case === "classificationResult" && first.value.classifications[0]?.classes).toMatchObject([
      { label: "none", score: 2.5 },
      { label: "other", score: -2.5 },
    ]);
    expect(second?.case === "regressionResult" && second.value.regressions.map(({ value }) => value)).toEqual([
      2.5, 4.5,
    ]);

    const post = async (verb: string, body: string) => (await fetch(`${url}:${verb}`, { method: "POST", body })).text();
    expect(
      await post(
        "classify",
        '{"signature_name":"classify","context":{"tag":"shared"},"examples":[{"x":1.0},{"x":5.0,"tag":"five"}]}',
      ),
    ).toBe('{"results":[[["shared",2.5],["other",-2.5]],[["five",4.5],["other",-4.5]]]}\n');
    expect(await post("regress", '{"examples":[{"x":2}]}')).toMatch(
      /Data types don't match. Data type: int64 but expected type: float/,
    );
    expect(await post("regress", '{"examples":[{"tag":"x"}]}')).toMatch(
      /Feature: x \(data type: float\) is required but could not be found/,
    );
    const missing = call("PredictionService/Regress", RegressionRequestSchema, RegressionResponseSchema, {
      modelSpec,
      input: { kind: { case: "exampleList", value: { examples: [example(1), create(ExampleSchema)] } } },
    });
    expect(await failure(missing)).toMatch(
      /^INVALID_ARGUMENT: .*Name: <unknown>, Feature: x \(data type: float\) is required but could not be found\./s,
    );
  };
  test("lowered to ONNX", () => on("onnxruntime"));
  test.skipIf(noTensorflow)(withTensorflow("as it is"), () => on("libtensorflow"));
});

const floats = (...values: number[]) => ({
  dtype: DataType.DT_FLOAT,
  tensorShape: { dim: [{ size: BigInt(values.length) }] },
  floatVal: values,
});

describe.skipIf(noTensorflow)(withTensorflow("SessionRun"), () => {
  test("runs a graph by the names of its tensors, or by a signature's", async () => {
    const { sessionRun } = await serve(quickstart("half_plus_two/1"), "libtensorflow");
    const feed = [{ name: "serving_default_x:0", tensor: floats(1, 2) }];
    const response = await sessionRun({
      modelSpec,
      feed,
      fetch: ["StatefulPartitionedCall:0"],
      target: ["StatefulPartitionedCall"],
    });
    expect(response.tensor).toMatchObject([{ name: "StatefulPartitionedCall:0", tensor: { floatVal: [2.5, 3] } }]);
    expect(response.modelSpec).toMatchObject({ name: "m", signatureName: "", versionChoice: { value: { value: 1n } } });

    const alias = await sessionRun({
      modelSpec,
      feed: [{ name: "x", tensor: floats(5) }],
      fetch: ["y"],
      tensorNameIsAlias: true,
    });
    expect(alias.tensor).toMatchObject([{ name: "y", tensor: { floatVal: [4.5] } }]);
    expect(alias.modelSpec?.signatureName).toBe("serving_default");
  });

  test("refuses what is not there, and what is not for callers", async () => {
    const { sessionRun } = await serve(quickstart("half_plus_two/1"), "libtensorflow");
    const feed = [{ name: "serving_default_x:0", tensor: floats(1) }];
    const fetch = ["StatefulPartitionedCall:0"];
    const beyond = (name: string) =>
      `INVALID_ARGUMENT: "${name}" takes no part in what the model's signatures compute, and SessionRun reaches only what does`;
    expect(await failure(sessionRun({ modelSpec, feed, fetch: ["nothing:0"] }))).toBe(beyond("nothing:0"));
    // What saves the variables into a file of any name.
    expect(await failure(sessionRun({ modelSpec, feed, fetch: ["StatefulPartitionedCall_1:0"] }))).toBe(
      beyond("StatefulPartitionedCall_1:0"),
    );
    expect(await failure(sessionRun({ modelSpec, feed, fetch, target: ["StatefulPartitionedCall_2"] }))).toBe(
      beyond("StatefulPartitionedCall_2"),
    );
    const named = [{ name: "saver_filename:0", tensor: { dtype: DataType.DT_STRING, stringVal: [Buffer.from("x")] } }];
    expect(await failure(sessionRun({ modelSpec, feed: named, fetch }))).toBe(beyond("saver_filename:0"));
    expect(await failure(sessionRun({ modelSpec, feed: [...feed, ...feed], fetch }))).toMatch(
      /^INVALID_ARGUMENT: .* is fed more than once/,
    );
    expect(await failure(sessionRun({ modelSpec, feed, fetch, tensorNameIsAlias: true }))).toBe(
      'INVALID_ARGUMENT: "serving_default_x:0" is none of the inputs of the signature "serving_default"',
    );
    const other = { name: "m", signatureName: "no" };
    expect(await failure(sessionRun({ modelSpec: other, tensorNameIsAlias: true }))).toBe(
      "INVALID_ARGUMENT: No signature was found with the name: no",
    );
    expect(await failure(sessionRun({ modelSpec }))).toMatch(/^INVALID_ARGUMENT: Must specify at least one target/);
  });
});

test("a graph of plain tensors regresses by the names of features, and does not classify", async () => {
  const { url } = await serve(quickstart("half_plus_two/1"), "onnxruntime");
  const post = async (verb: string, body: string) => (await fetch(`${url}:${verb}`, { method: "POST", body })).text();
  expect(await post("regress", '{"examples":[{"x":1.0},{"x":[5.0],"other":1}]}')).toBe('{"results":[2.5,4.5]}\n');
  expect(await post("classify", '{"examples":[{"x":1.0}]}')).toMatch(
    /No classification inputs found in SignatureDef: /,
  );
});

test("SessionRun of a model that TensorFlow does not run says what to do", async () => {
  const { sessionRun } = await serve(quickstart("half_plus_two/1"), "onnxruntime");
  expect(await failure(sessionRun({ modelSpec, fetch: ["y"] }))).toMatch(
    /^UNIMPLEMENTED: SessionRun needs a SavedModel that TensorFlow runs, and "m" \(onnxruntime.*\) is none/,
  );
});
