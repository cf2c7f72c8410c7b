import type { DescMethodUnary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../../protos/gen/grpc/health/v1/health_pb.js";
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
