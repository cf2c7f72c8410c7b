import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  type ModelConfig,
  ModelServerConfigSchema,
  ModelType,
} from "../../protos/gen/tensorflow_serving/config/model_server_config_pb.js";
import { modelsFromProto } from "../../protos/model-config.js";

type Written = Partial<Omit<Parameters<typeof modelOf>[0], "$typeName">>;
type Init = Parameters<typeof create<typeof ModelServerConfigSchema>>[1];

function modelOf(model: Partial<ModelConfig>) {
  return { name: "m", basePath: "/models/m", modelPlatform: "tensorflow", ...model };
}

function read(...models: Written[]) {
  const config: Init = { config: { case: "modelConfigList", value: { config: models.map(modelOf) } } } as Init;
  return modelsFromProto(create(ModelServerConfigSchema, config));
}

const policy = (policyChoice: unknown) => ({ modelVersionPolicy: { policyChoice } }) as Written;
const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing was thrown";
};

test("a model is a folder, a servable type, versions and labels", () => {
  expect(read({ versionLabels: { stable: 9007199254740993n } })).toEqual({
    m: {
      source: { type: "filesystem", path: "/models/m", settle: "0s", watch: false },
      servable: { type: "savedmodel" },
      versions: { latest: 1 },
      labels: { stable: "9007199254740993" },
    },
  });
});

test("nothing configured is no model", () => {
  expect(modelsFromProto(create(ModelServerConfigSchema))).toEqual({});
  expect(read()).toEqual({});
});

test.each([
  [policy({ case: "latest", value: {} }), { latest: 1 }],
  [policy({ case: "latest", value: { numVersions: 0 } }), { latest: 1 }],
  [policy({ case: "latest", value: { numVersions: 4 } }), { latest: 4 }],
  [policy({ case: "all", value: {} }), "all"],
  [policy({ case: "specific", value: { versions: [1n, 9007199254740993n] } }), ["1", "9007199254740993"]],
  [policy({ case: "specific", value: { versions: [] } }), []],
  [policy({ case: undefined }), { latest: 1 }],
])("policy %#", (model, versions) => {
  expect(read(model).m?.versions).toEqual(versions);
});

test.each([
  ["tensorflow", "savedmodel"],
  ["onnx", "onnx"],
  ["my_own", "my_own"],
])("the platform %s is the servable %s", (modelPlatform, type) => {
  expect(read({ modelPlatform }).m?.servable).toEqual({ type });
});

test("the deprecated model_type means the platform tensorflow", () => {
  expect(read({ modelPlatform: "", modelType: ModelType.TENSORFLOW }).m?.servable).toEqual({ type: "savedmodel" });
});

test.each([
  ["/models/m", "/models/m"],
  ["file:///models/m", "/models/m"],
  ["file://localhost/models/m", "/models/m"],
])("the base path %s is %s", (basePath, path) => {
  expect(read({ basePath }).m?.source).toMatchObject({ type: "filesystem", path });
});

test("logging_config is a request log, of TFRecord files unless it says otherwise", () => {
  const log = (type: string) =>
    read({
      loggingConfig: { logCollectorConfig: { type, filenamePrefix: "/logs/m" }, samplingConfig: { samplingRate: 0.5 } },
    } as unknown as Written).m?.requestLog;
  expect(log("")).toEqual({ type: "tfrecord", samplingRate: 0.5, prefix: "/logs/m" });
  expect(log("mine")).toMatchObject({ type: "mine" });
  expect(() => read({ loggingConfig: { samplingConfig: { samplingRate: 2 } } } as unknown as Written)).toThrow(
    "Model m: sampling_rate must be from 0 to 1; got 2",
  );
});

describe("refused", () => {
  test.each<[string, Written[], string]>([
    ["a name twice", [{}, {}], "INVALID_ARGUMENT: Illegal to list model m multiple times in config list"],
    [
      "a relative path",
      [{ basePath: "models/m" }],
      "INVALID_ARGUMENT: Expected model m to have an absolute path or URI; got base_path()=models/m",
    ],
    [
      "no path",
      [{ basePath: "" }],
      "INVALID_ARGUMENT: Expected model m to have an absolute path or URI; got base_path()=",
    ],
    [
      "a bucket",
      [{ basePath: "s3://bucket/m" }],
      "UNIMPLEMENTED: Model m: no source for s3:// is installed; got base_path()=s3://bucket/m",
    ],
    [
      "platform and type",
      [{ modelType: ModelType.TENSORFLOW }],
      "INVALID_ARGUMENT: Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform.",
    ],
    [
      "neither platform nor type",
      [{ modelPlatform: "" }],
      "INVALID_ARGUMENT: Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is m.",
    ],
    [
      "the type OTHER",
      [{ modelPlatform: "", modelType: ModelType.OTHER }],
      "INVALID_ARGUMENT: ModelServerConfig::model_type choice 2 not supported.",
    ],
    [
      "a negative version",
      [policy({ case: "specific", value: { versions: [-1n] } })],
      "INVALID_ARGUMENT: Model m: versions are not negative; got -1",
    ],
    [
      "a negative label",
      [{ versionLabels: { x: -1n } }],
      "INVALID_ARGUMENT: Model m: versions are not negative; got -1",
    ],
  ])("%s", (_what, models, text) => {
    expect(thrown(() => read(...models))).toBe(text);
  });

  test("custom_model_config, which is code of the server's own", () => {
    const config: Init = { config: { case: "customModelConfig", value: {} } };
    expect(thrown(() => modelsFromProto(create(ModelServerConfigSchema, config)))).toMatch(
      /^UNIMPLEMENTED: custom_model_config/,
    );
  });

  test("names are checked before paths, as TensorFlow Serving does", () => {
    expect(thrown(() => read({ basePath: "x" }, { basePath: "x" }))).toMatch("multiple times");
  });
});
