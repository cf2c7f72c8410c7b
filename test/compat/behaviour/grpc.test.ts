import type { DescMethodUnary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../../protos/gen/grpc/health/v1/health_pb.js";
import type { InferenceResult } from "../../../protos/gen/tensorflow_serving/apis/inference_pb.js";
import { ModelService } from "../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictionService } from "../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { type StockServer, stockServer } from "./stock-server.js";
import { unaryClient } from "./unary.js";

const { predict, classify, regress, multiInference, getModelMetadata } = PredictionService.method;
const { getModelStatus, handleReloadConfigRequest } = ModelService.method;

let stock: StockServer;
let client: ReturnType<typeof unaryClient>;
beforeAll(async () => {
  stock = await stockServer(
    () => "",
    () => ["--enable_grpc_healthcheck_service", "--rest_api_timeout_in_ms=5000"],
  );
  client = unaryClient(stock.grpc);
});
afterAll(async () => {
  client?.close();
  await stock?.[Symbol.asyncDispose]();
});

const half = { name: "half" };
const labelled = (name: string, label: string) => ({ name, versionChoice: { case: "versionLabel", value: label } });
const exactly = (name: string, version: bigint) => ({
  name,
  versionChoice: { case: "version", value: { value: version } },
});
const shape = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: BigInt(size) })) });
const x = { dtype: 1, tensorShape: shape(2), floatVal: [1, 2] };
const example = { features: { feature: { x: { kind: { case: "floatList", value: { value: [1] } } } } } };
const input = { kind: { case: "exampleList", value: { examples: [example] } } };
const task = (name: string, signatureName = "", methodName = "tensorflow/serving/regress") => ({
  modelSpec: { name, signatureName },
  methodName,
});
const listed = (...config: object[]) => ({
  config: { config: { case: "modelConfigList", value: { config } } },
});

describe("what is refused", () => {
  const long = "l".repeat(2000);
  test.each<[string, DescMethodUnary, object, string]>([
    ["no model", predict, { inputs: { x } }, "INVALID_ARGUMENT: Missing ModelSpec"],
    ["no name", predict, { modelSpec: {}, inputs: { x } }, "INVALID_ARGUMENT: ModelSpec has no name specified."],
    ["an unknown model", predict, { modelSpec: { name: "n" } }, "NOT_FOUND: Servable not found for request: Latest(n)"],
    [
      "an unknown version",
      predict,
      { modelSpec: exactly("half", 9n) },
      "NOT_FOUND: Servable not found for request: Specific(half, 9)",
    ],
    [
      "an unknown label, of an unknown model too",
      predict,
      { modelSpec: labelled("n", "l") },
      "INVALID_ARGUMENT: Unrecognized servable version label: l",
    ],
    [
      "a label of a version that is not loaded",
      predict,
      { modelSpec: labelled("half", "gone") },
      "NOT_FOUND: Servable not found for request: Specific(half, 9)",
    ],
    [
      "a long text is cut",
      predict,
      { modelSpec: { name: long } },
      `NOT_FOUND: ${`Servable not found for request: Latest(${long})`.slice(0, 1024)}...TRUNCATED`,
    ],
    [
      "an unknown signature",
      predict,
      { modelSpec: { ...half, signatureName: "s" }, inputs: { x } },
      'FAILED_PRECONDITION: Serving signature key "s" not found.',
    ],
    [
      "no input",
      predict,
      { modelSpec: half },
      "INVALID_ARGUMENT: input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.",
    ],
    [
      "an input too many",
      predict,
      { modelSpec: half, inputs: { x, a: x } },
      "INVALID_ARGUMENT: input size does not match signature: 2!=1 len({a,x}) != len({x}). Sent extra: {a}. Missing but required: {}.",
    ],
    [
      "an input of another name",
      predict,
      { modelSpec: half, inputs: { a: x } },
      "INVALID_ARGUMENT: Signature input alias: x(feed name: serving_default_x:0) not found in request and no default value provided. Inputs expected to be in the request {a}, or default input alias set: ",
    ],
    [
      "an input that no signature has beside one left to its default",
      predict,
      { modelSpec: { name: "defaults" }, inputs: { x, a: x } },
      "INVALID_ARGUMENT: Inputs contains invalid name. Used request inputs: ",
    ],
    [
      "a shape that the graph cannot use",
      predict,
      { modelSpec: { name: "int64" }, inputs: { x: { dtype: 9, tensorShape: shape(3), int64Val: [1n] } } },
      "INVALID_ARGUMENT: ",
    ],
    [
      "a tensor of fewer bytes than its shape",
      predict,
      { modelSpec: half, inputs: { x: { ...x, floatVal: [], tensorContent: new Uint8Array(7) } } },
      "INVALID_ARGUMENT: tensor parsing error: x",
    ],
    [
      "a tensor of no rank",
      predict,
      { modelSpec: half, inputs: { x: { ...x, tensorShape: { unknownRank: true } } } },
      "INVALID_ARGUMENT: tensor parsing error: x",
    ],
    [
      "an element type",
      predict,
      { modelSpec: half, inputs: { x: { dtype: 7, tensorShape: shape(1), stringVal: [new Uint8Array()] } } },
      "INVALID_ARGUMENT: Expects arg[0] to be float but string is provided",
    ],
    [
      "an output that is not there",
      predict,
      { modelSpec: half, inputs: { x }, outputFilter: ["z"] },
      "INVALID_ARGUMENT: output tensor alias not found in signature: z Outputs expected to be in the set {y}.",
    ],
    [
      "an output twice",
      predict,
      { modelSpec: half, inputs: { x }, outputFilter: ["y", "y"] },
      "INVALID_ARGUMENT: duplicate output tensor alias: y",
    ],
    ["Classify without examples", classify, { modelSpec: { name: "scores" } }, "INVALID_ARGUMENT: Input is empty."],
    [
      "Classify of another signature",
      classify,
      { modelSpec: { ...half, signatureName: "s" }, input },
      "INVALID_ARGUMENT: No signature was found with the name: s",
    ],
    [
      "Classify of what has no classes",
      classify,
      { modelSpec: half, input },
      "INVALID_ARGUMENT: No classification inputs found in SignatureDef: ",
    ],
    [
      "an example without a feature that the model parses",
      regress,
      { modelSpec: { name: "examples" }, input: { kind: { case: "exampleList", value: { examples: [{}] } } } },
      "INVALID_ARGUMENT: Name: <unknown>, Feature: x (data type: float) is required but could not be found.",
    ],
    ["Regress without a model", regress, { input }, "INVALID_ARGUMENT: Missing ModelSpec"],
    ["no tasks", multiInference, { input }, "INVALID_ARGUMENT: ModelSpec has no name specified."],
    [
      "tasks of two models",
      multiInference,
      { tasks: [task("half"), task("scores")], input },
      "INVALID_ARGUMENT: All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    ],
    [
      "a later task without a name",
      multiInference,
      { tasks: [task("half"), task("")], input },
      "INVALID_ARGUMENT: Found ModelSpec with an empty model name.",
    ],
    [
      "a signature twice",
      multiInference,
      { tasks: [task("half"), task("half", "serving_default")], input },
      "INVALID_ARGUMENT: Duplicate evaluation of signature: serving_default",
    ],
    [
      "an unknown signature of a task",
      multiInference,
      { tasks: [task("half", "s")], input },
      "INVALID_ARGUMENT: Requested signature not found in model graph: s",
    ],
    [
      "a task of another method",
      multiInference,
      { tasks: [task("half", "", "tensorflow/serving/predict")], input },
      "UNIMPLEMENTED: Unsupported signature method_name: tensorflow/serving/predict",
    ],
    [
      "metadata of no field",
      getModelMetadata,
      { modelSpec: half },
      "INVALID_ARGUMENT: GetModelMetadataRequest must specify at least one metadata_field",
    ],
    [
      "metadata of another field",
      getModelMetadata,
      { modelSpec: half, metadataField: ["f"] },
      "INVALID_ARGUMENT: Metadata field f is not supported",
    ],
    [
      "metadata of an unknown model",
      getModelMetadata,
      { modelSpec: { name: "n" }, metadataField: ["signature_def"] },
      "NOT_FOUND: Servable not found for request: Latest(n)",
    ],
    ["status of no model", getModelStatus, {}, "INVALID_ARGUMENT: Missing ModelSpec"],
    [
      "status of an unknown version",
      getModelStatus,
      { modelSpec: exactly("half", 9n) },
      "NOT_FOUND: Could not find version 9 of model half",
    ],
    [
      "status of an unknown model",
      getModelStatus,
      { modelSpec: { name: "n" } },
      "NOT_FOUND: Could not find any versions of model n",
    ],
    [
      "a reload without a list",
      handleReloadConfigRequest,
      {},
      "INVALID_ARGUMENT: ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
    ],
    [
      "a reload of a path that is not absolute",
      handleReloadConfigRequest,
      listed({ name: "a", basePath: "m", modelPlatform: "tensorflow" }),
      "INVALID_ARGUMENT: Expected model a to have an absolute path or URI; got base_path()=m",
    ],
    [
      "a reload of an unknown platform",
      handleReloadConfigRequest,
      listed({ name: "a", basePath: "/m", modelPlatform: "caffe" }),
      "INVALID_ARGUMENT: Model a requests unsupported platform caffe",
    ],
    [
      "a reload with an unknown log collector",
      handleReloadConfigRequest,
      listed({
        name: "a",
        basePath: "/m",
        modelPlatform: "tensorflow",
        loggingConfig: { logCollectorConfig: { type: "kafka" } },
      }),
      "NOT_FOUND: Cannot find LogCollector::Factory for type: kafka",
    ],
    [
      "a reload with a custom config",
      handleReloadConfigRequest,
      { config: { config: { case: "customModelConfig", value: {} } } },
      "INVALID_ARGUMENT: ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
    ],
    [
      "a reload with a model twice",
      handleReloadConfigRequest,
      listed(...["/a", "/b"].map((basePath) => ({ name: "a", basePath, modelPlatform: "tensorflow" }))),
      "INVALID_ARGUMENT: Illegal to list model a multiple times in config list",
    ],
    [
      "a reload with a platform said twice",
      handleReloadConfigRequest,
      listed({ name: "a", basePath: "/m", modelPlatform: "tensorflow", modelType: 1 }),
      "INVALID_ARGUMENT: Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform.",
    ],
    [
      "a reload that changes a platform",
      handleReloadConfigRequest,
      listed({ name: "half", basePath: "/m", modelPlatform: "onnx" }),
      "INVALID_ARGUMENT: Illegal to change a model's platform. For model half platform was tensorflow and new platform requested is onnx",
    ],
    [
      "a reload without a platform",
      handleReloadConfigRequest,
      listed({ name: "a", basePath: "/m" }),
      "INVALID_ARGUMENT: Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is a.",
    ],
  ])("%s", async (_what, method, request, answer) => {
    const got = await client.call(method, request as never).then(
      (reply) => `answered: ${JSON.stringify(reply)}`,
      (text: unknown) => text,
    );
    expect(got).toEqual(expect.stringMatching(new RegExp(`^${escaped(answer)}`)));
    if (answer.includes("TRUNCATED")) expect(got).toBe(answer);
  });
});

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Of each example the first class, or its value. */
function firstsOf({ case: kind, value }: InferenceResult["result"]): unknown {
  if (kind === "regressionResult") return value.regressions.map((each) => each.value);
  return value?.classifications.map(({ classes }) => [classes[0]?.label, classes[0]?.score]);
}

describe("what is answered", () => {
  test("a tensor in short, one of zeros by its shape alone, and a shape other than the signature's", async () => {
    const floats = async (tensor: object) => {
      const { outputs } = await client.call(predict, { modelSpec: half, inputs: { x: tensor } } as never);
      return outputs.y?.floatVal;
    };
    expect(await floats({ dtype: 1, tensorShape: shape(3), floatVal: [2] })).toEqual([3, 3, 3]);
    expect(await floats({ dtype: 1, tensorShape: shape(2) })).toEqual([2, 2]);
    expect(await floats({ dtype: 1, tensorShape: shape(2, 1), floatVal: [2, 4] })).toEqual([3, 4]);
    expect(await floats({ dtype: 1, tensorShape: shape(), floatVal: [2] })).toEqual([3]);
  });

  test("integers of 64 bits, exact both ways, and bytes as they are", async () => {
    const echo = async (name: string, dtype: number, field: object) => {
      const inputs = { x: { dtype, tensorShape: shape(1, 2), ...field } };
      const { outputs } = await client.call(predict, { modelSpec: { name }, inputs } as never);
      return outputs.y;
    };
    const int64Val = [-(2n ** 63n), 2n ** 53n + 1n];
    const uint64Val = [2n ** 64n - 1n, 2n ** 53n + 1n];
    const stringVal = [Uint8Array.of(0xff, 0), new Uint8Array()];
    expect((await echo("int64", 9, { int64Val }))?.int64Val).toEqual(int64Val);
    expect((await echo("uint64", 23, { uint64Val }))?.uint64Val).toEqual(uint64Val);
    expect((await echo("string", 7, { stringVal }))?.stringVal.map((each) => [...each])).toEqual([[0xff, 0], []]);
  });

  test("the spec of a reply: the name, the version that answered, the signature, and no label", async () => {
    const specOf = async (modelSpec: object) => {
      const reply = await client.call(predict, { modelSpec, inputs: { x } } as never);
      const { name, versionChoice, signatureName } = reply.modelSpec ?? {};
      return [name, versionChoice, signatureName];
    };
    const version = (value: bigint) => ({ case: "version", value: expect.objectContaining({ value }) });
    expect(await specOf(half)).toEqual(["half", version(2n), "serving_default"]);
    expect(await specOf(labelled("half", "old"))).toEqual(["half", version(1n), "serving_default"]);
    expect(await specOf(exactly("half", 1n))).toEqual(["half", version(1n), "serving_default"]);
  });

  test("an input that the signature has a default for may be left out", async () => {
    const { outputs } = await client.call(predict, { modelSpec: { name: "defaults" }, inputs: { x } } as never);
    expect(outputs.y?.floatVal).toEqual([2.5, 5]);
  });

  test("messages of more than gRPC's usual 4 MB", async () => {
    const rows = 2 ** 21;
    const tensorContent = new Uint8Array(4 * rows);
    const tensor = { dtype: 1, tensorShape: shape(rows), tensorContent };
    const { outputs } = await client.call(predict, { modelSpec: half, inputs: { x: tensor } } as never);
    expect([outputs.y?.floatVal.length, outputs.y?.floatVal.at(-1)]).toEqual([rows, 2]);
  });

  test("the tasks of a MultiInference, in their order, by a model that parses examples itself", async () => {
    const tasks = [
      task("examples", "classify", "tensorflow/serving/classify"),
      task("examples", "", "tensorflow/serving/regress"),
    ];
    for (const order of [tasks, [...tasks].reverse()]) {
      const { results } = await client.call(multiInference, { tasks: order, input } as never);
      const classified = ["classify", [["none", 2.5]]];
      const regressed = ["serving_default", [2.5]];
      expect(results.map(({ modelSpec, result }) => [modelSpec?.signatureName, firstsOf(result)])).toEqual(
        order === tasks ? [classified, regressed] : [regressed, classified],
      );
    }
  });

  test("a run ends with its client's deadline", async () => {
    const inputs = {
      steps: { dtype: 9, tensorShape: shape(), int64Val: [10_000_000n] },
      x: { dtype: 1, tensorShape: shape(), floatVal: [1] },
    };
    const late = client.call(predict, { modelSpec: { name: "slow" }, inputs } as never, { deadline: Date.now() + 300 });
    await expect(late).rejects.toMatch(/^DEADLINE_EXCEEDED: /);
  });

  test("one output of several, and fields of later times are passed over", async () => {
    const request = {
      modelSpec: { name: "int64" },
      inputs: { x: { dtype: 9, tensorShape: shape(1, 2), int64Val: [1n, 2n] } },
      outputFilter: ["twice"],
      clientId: new Uint8Array([1]),
    };
    const { outputs } = await client.call(predict, request as never);
    expect(Object.keys(outputs)).toEqual(["twice"]);
  });

  test("a model's context comes before each example", async () => {
    const bare = { features: { feature: {} } };
    const value = { examples: [bare, bare], context: example };
    const inputs = { kind: { case: "exampleListWithContext", value } };
    const { result } = await client.call(regress, { modelSpec: half, input: inputs } as never);
    expect(result?.regressions.map((each) => each.value)).toEqual([2.5, 2.5]);
  });

  test("a label in a status request is left aside", async () => {
    const reply = await client.call(getModelStatus, { modelSpec: labelled("half", "none") } as never);
    expect(reply.modelVersionStatus.map(({ version }) => version)).toEqual([2n, 1n]);
  });

  test.each(["", "ModelService", "PredictionService"])('health of "%s"', async (service) => {
    expect((await client.call(Health.method.check, { service })).status).toBe(Serving.SERVING);
  });

  test("health of another service", async () => {
    await expect(client.call(Health.method.check, { service: "x" })).rejects.toMatch(/^NOT_FOUND/);
  });
});
