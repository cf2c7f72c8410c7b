import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { CLASSIFY_METHOD, type Feature, REGRESS_METHOD, tensor, texts } from "../../../../core/index.js";
import { encodeExample } from "../../../../protos/example/encode.js";
import { ExampleSchema } from "../../../../protos/gen/tensorflow/core/example/example_pb.js";
import {
  ClassificationRequestSchema,
  ClassificationResponseSchema,
} from "../../../../protos/gen/tensorflow_serving/apis/classification_pb.js";
import {
  MultiInferenceRequestSchema,
  MultiInferenceResponseSchema,
} from "../../../../protos/gen/tensorflow_serving/apis/inference_pb.js";
import { InputSchema } from "../../../../protos/gen/tensorflow_serving/apis/input_pb.js";
import {
  RegressionRequestSchema,
  RegressionResponseSchema,
} from "../../../../protos/gen/tensorflow_serving/apis/regression_pb.js";
import { bytes, encodeMessage, float, message, string } from "../../../../protos/wire/writer.js";
import { type ExampleServing, serveExamples } from "../../../support/example-serving.js";
import { halvingModel, odd } from "../../../support/halving-model.js";

const x = (value: number): Record<string, Feature> => ({ x: { kind: "float", values: Float32Array.of(value) } });
const tag = (text: string): Record<string, Feature> => ({ tag: { kind: "bytes", values: [Buffer.from(text)] } });
const example = (features: Record<string, Feature>) => fromBinary(ExampleSchema, encodeExample(features));
const list = (...features: Record<string, Feature>[]) =>
  create(InputSchema, { kind: { case: "exampleList", value: { examples: features.map(example) } } });
const withContext = (context: Record<string, Feature>, ...features: Record<string, Feature>[]) =>
  create(InputSchema, {
    kind: {
      case: "exampleListWithContext",
      value: { context: example(context), examples: features.map(example) },
    },
  });

const path = (name: string) => `/tensorflow.serving.PredictionService/${name}`;

function calls({ grpc }: ExampleServing) {
  const call =
    <I extends DescMessage, O extends DescMessage>(name: string, input: I, output: O) =>
    async (request: MessageInitShape<I>): Promise<MessageShape<O>> =>
      fromBinary(output, await grpc.sendBytes(path(name), toBinary(input, create(input, request))));
  return {
    classify: call("Classify", ClassificationRequestSchema, ClassificationResponseSchema),
    regress: call("Regress", RegressionRequestSchema, RegressionResponseSchema),
    multiInference: call("MultiInference", MultiInferenceRequestSchema, MultiInferenceResponseSchema),
  };
}

const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "it was answered",
    ({ code, details }: ServiceError) => `${status[code]}: ${details}`,
  );

const answeredBy = (signatureName: string) => ({
  name: "m",
  signatureName,
  versionChoice: { case: "version", value: { value: 3n } },
});

describe("Regress", () => {
  test("gives a value for each example, from the default signature", async () => {
    const response = await calls(await serveExamples(halvingModel)).regress({
      modelSpec: { name: "m" },
      input: list(x(1), x(-4), x(0.5), x(-2)),
    });
    expect(response.result?.regressions.map(({ value }) => value)).toEqual([2.5, 0, 2.25, 1]);
    expect(response.modelSpec).toMatchObject(answeredBy("serving_default"));
  });

  test("passes the examples' bytes on as they came", async () => {
    const serving = await serveExamples(halvingModel);
    // Valid, but not as any writer would order or split it.
    const strange = encodeMessage([
      string(9, "?"),
      ...[x(7), x(3)].map((features) => bytes(1, encodeExample(features).subarray(2))),
    ]);
    const request = encodeMessage([
      message(2, [message(1, [bytes(1, strange)])]),
      message(1, [string(1, "m")]),
      message(2, [message(1, [bytes(1, encodeExample(x(5)))])]),
    ]);
    const response = fromBinary(RegressionResponseSchema, await serving.grpc.sendBytes(path("Regress"), request));
    expect(response.result?.regressions.map(({ value }) => value)).toEqual([3.5, 4.5]);
    expect(serving.calls[0]?.inputs.inputs).toEqual(tensor("string", [2], [strange, Buffer.from(encodeExample(x(5)))]));
  });

  test("stacks features for a graph of plain tensors, a context's among them", async () => {
    const serving = await serveExamples(halvingModel);
    const response = await calls(serving).regress({
      modelSpec: { name: "m", signatureName: "plain" },
      input: withContext({ ...tag("shared"), ...x(9) }, x(1), { ...x(2), ...tag("own") }, {}),
    });
    expect(response.result?.regressions.map(({ value }) => value)).toEqual([2.5, 3, 6.5]);
    expect(response.modelSpec).toMatchObject(answeredBy("plain"));
    expect(texts(serving.calls[0]!.inputs.tag!)).toEqual(["shared", "own", "shared"]);
  });

  test("of a signature for Predict works where one output can only be the value", async () => {
    const { regress } = calls(await serveExamples(halvingModel));
    const response = await regress({ modelSpec: { name: "m", signatureName: "predict" }, input: list(x(1)) });
    expect(response.result?.regressions.map(({ value }) => value)).toEqual([2.5]);
  });
});

describe("Classify", () => {
  test("gives labels and scores, with a context before each example", async () => {
    const serving = await serveExamples(halvingModel);
    const context = encodeExample({ ...x(1), ...tag("shared") });
    // By hand: the odd label is no UTF-8, which generated code refuses to read.
    const request = create(ClassificationRequestSchema, {
      modelSpec: { name: "m", signatureName: "classify" },
      input: withContext({ ...x(1), ...tag("shared") }, { ...x(2), ...tag("own") }, {}),
    });
    const answer = await serving.grpc.sendBytes(path("Classify"), toBinary(ClassificationRequestSchema, request));
    const classes = (label: string, score: number) =>
      message(1, [message(1, [string(1, label), float(2, score)]), message(1, [bytes(1, odd), float(2, -score)])]);
    const expected = encodeMessage([message(1, [classes("own", 3), classes("shared", 2.5)])]);
    expect(answer.subarray(0, expected.length)).toEqual(expected);
    const fed = serving.calls[0]?.inputs.inputs?.data as readonly Uint8Array[];
    expect(Buffer.from(fed[1]!)).toEqual(Buffer.concat([context, encodeExample({})]));
  });
});

describe("MultiInference", () => {
  const task = (signatureName: string, methodName: string, name = "m") => ({
    modelSpec: { name, signatureName },
    methodName,
  });

  test("answers every task about the same examples", async () => {
    const { multiInference } = calls(
      await serveExamples({
        ...halvingModel,
        run: async (call) => {
          const { classes, ...outputs } = await halvingModel.run(call);
          return {
            ...outputs,
            ...(classes && {
              classes: tensor(
                "string",
                classes.shape,
                Array.from({ length: 2 }, () => Buffer.from("é")),
              ),
            }),
          };
        },
      }),
    );
    const { results } = await multiInference({
      tasks: [task("classify", CLASSIFY_METHOD), task("", REGRESS_METHOD)],
      input: list({ ...x(4), ...tag("t") }),
    });
    expect(results.map(({ modelSpec }) => modelSpec?.signatureName)).toEqual(["classify", "serving_default"]);
    expect(results[0]?.modelSpec).toMatchObject(answeredBy("classify"));
    expect(results[0]?.result).toMatchObject({
      case: "classificationResult",
      value: {
        classifications: [
          {
            classes: [
              { label: "é", score: 4 },
              { label: "é", score: -4 },
            ],
          },
        ],
      },
    });
    expect(results[1]?.result).toMatchObject({ case: "regressionResult", value: { regressions: [{ value: 4 }] } });
  });

  test.each([
    ["no tasks", [], "INVALID_ARGUMENT: ModelSpec has no name specified."],
    ["a task without a model", [{ methodName: CLASSIFY_METHOD }], "INVALID_ARGUMENT: ModelSpec has no name specified."],
    [
      "a later task without a name",
      [task("", REGRESS_METHOD), task("classify", CLASSIFY_METHOD, "")],
      "INVALID_ARGUMENT: Found ModelSpec with an empty model name.",
    ],
    [
      "two models",
      [task("", REGRESS_METHOD), task("classify", CLASSIFY_METHOD, "n")],
      "INVALID_ARGUMENT: All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    ],
    [
      "a signature twice",
      [task("", REGRESS_METHOD), task("serving_default", REGRESS_METHOD)],
      "INVALID_ARGUMENT: Duplicate evaluation of signature: serving_default",
    ],
    [
      "an unknown signature",
      [task("no", REGRESS_METHOD)],
      "INVALID_ARGUMENT: Requested signature not found in model graph: no",
    ],
    [
      "another method",
      [task("", "tensorflow/serving/predict")],
      "UNIMPLEMENTED: Unsupported signature method_name: tensorflow/serving/predict",
    ],
    ["an unknown model", [task("", REGRESS_METHOD, "n")], "NOT_FOUND: Servable not found for request: Latest(n)"],
  ])("refuses %s", async (_name, tasks, text) => {
    const { multiInference } = calls(await serveExamples(halvingModel));
    expect(await failure(multiInference({ tasks, input: list(x(1)) }))).toBe(text);
  });
});

describe("requests that cannot be answered", () => {
  test("say why", async () => {
    const serving = await serveExamples(halvingModel);
    const { classify, regress, multiInference } = calls(serving);
    const m = { name: "m" };
    const input = list(x(1));
    expect(await failure(regress({ input }))).toBe("INVALID_ARGUMENT: Missing ModelSpec");
    expect(await failure(classify({ modelSpec: {}, input }))).toBe(
      "INVALID_ARGUMENT: ModelSpec has no name specified.",
    );
    expect(await failure(classify({ modelSpec: { name: "n" }, input }))).toBe(
      "NOT_FOUND: Servable not found for request: Latest(n)",
    );
    expect(await failure(regress({ modelSpec: m }))).toBe("INVALID_ARGUMENT: Input is empty.");
    expect(await failure(regress({ modelSpec: m, input: list() }))).toBe("INVALID_ARGUMENT: Input is empty.");
    expect(await failure(regress({ modelSpec: m, input: withContext(x(1)) }))).toBe(
      "INVALID_ARGUMENT: Input is empty.",
    );
    const tasks = [{ modelSpec: m, methodName: REGRESS_METHOD }];
    expect(await failure(multiInference({ tasks }))).toBe("INVALID_ARGUMENT: Input is empty.");
    expect(await failure(regress({ modelSpec: { ...m, signatureName: "no" }, input }))).toBe(
      "INVALID_ARGUMENT: No signature was found with the name: no",
    );
    expect(await failure(classify({ modelSpec: m, input }))).toMatch(
      /^INVALID_ARGUMENT: Expected classification signature outputs to contain at least one of "classes" or "scores"/,
    );
    expect(await failure(classify({ modelSpec: { ...m, signatureName: "predict" }, input }))).toMatch(
      /^INVALID_ARGUMENT: No classification inputs found in SignatureDef: /,
    );
    expect(await failure(regress({ modelSpec: { ...m, signatureName: "plain" }, input }))).toBe(
      "INVALID_ARGUMENT: Name: <unknown>, Feature: tag (data type: string) is required but could not be found.",
    );
    expect(await failure(serving.grpc.sendBytes(path("Regress"), Buffer.from([0x12, 0x05, 0x0a])))).toMatch(
      /^INVALID_ARGUMENT: cannot decode tensorflow.serving.RegressionRequest: malformed protobuf at byte 2/,
    );
    // Bytes that no reader takes for an example reach only graphs that read them themselves.
    const broken = encodeMessage([
      message(1, [string(1, "m"), string(3, "predict")]),
      message(2, [message(1, [bytes(1, Buffer.from([0x0a]))])]),
    ]);
    expect(await failure(serving.grpc.sendBytes(path("Regress"), broken))).toMatch(
      /^INVALID_ARGUMENT: cannot decode tensorflow.Example: malformed protobuf at byte 1/,
    );
  });
});

test("where the config says so, a signature's method must be that of the request", async () => {
  const odd = { ...halvingModel.signatures.predict!, method: "custom" };
  const model = { ...halvingModel, signatures: { ...halvingModel.signatures, odd } };
  const { grpc, ...serving } = await serveExamples(model, { signatures: { checkMethods: true } });
  const { regress, classify } = calls({ grpc, ...serving });
  const input = list(x(1));
  expect((await regress({ modelSpec: { name: "m" }, input })).result?.regressions).toMatchObject([{ value: 2.5 }]);
  expect(await failure(classify({ modelSpec: { name: "m" }, input }))).toBe(
    "INVALID_ARGUMENT: Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/regress",
  );
  const inputs = { x: tensor("float32", [1], Float32Array.of(1)) };
  expect((await grpc.predict({ name: "m", signature: "predict" }, inputs)).outputs.y?.data).toEqual(
    Float32Array.of(2.5),
  );
  expect(await failure(grpc.predict({ name: "m", signature: "odd" }, inputs))).toBe(
    "INTERNAL: Expected prediction signature method_name to be one of {tensorflow/serving/predict, tensorflow/serving/classify, tensorflow/serving/regress}. Was: custom",
  );
});
