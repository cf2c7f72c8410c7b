import { create, createRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { fromText } from "@bufbuild/protobuf/txtpb";
import { describe, expect, test } from "vitest";
import { ExampleSchema } from "../../../protos/gen/tensorflow/core/example/example_pb.js";
import {
  BytesListSchema,
  FloatListSchema,
  Int64ListSchema,
} from "../../../protos/gen/tensorflow/core/example/feature_pb.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { LoggingConfigSchema } from "../../../protos/gen/tensorflow_serving/config/logging_config_pb.js";
import { ModelServerConfigSchema } from "../../../protos/gen/tensorflow_serving/config/model_server_config_pb.js";
import { MonitoringConfigSchema } from "../../../protos/gen/tensorflow_serving/config/monitoring_config_pb.js";
import { PlatformConfigMapSchema } from "../../../protos/gen/tensorflow_serving/config/platform_config_pb.js";
import { SSLConfigSchema } from "../../../protos/gen/tensorflow_serving/config/ssl_config_pb.js";
import { readText } from "../../../protos/text/read-text.js";

const file = "models.config";
const config = (text: string) => readText(ModelServerConfigSchema, text, { file });
const bytes = (literals: string) => [...(readText(BytesListSchema, `value: ${literals}`, { file }).value[0] ?? [])];
const text = (literals: string) => readText(SSLConfigSchema, `custom_ca: ${literals}`, { file }).customCa;
const floats = (list: string) => readText(FloatListSchema, `value: [${list}]`, { file }).value;
const int64 = (value: string) => readText(Int64ListSchema, `value: ${value}`, { file }).value[0] ?? "";
const problem = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
};

test("a whole ModelServerConfig", () => {
  const read = config(`
    # two models
    model_config_list: {
      config < name: 'a', base_path: "/mo" 'dels/a' ; model_platform: "tensorflow"
        model_version_policy { specific { versions: 1 versions: [0x10, 010] } } >
      config: { name: "b" model_type: TENSORFLOW
        version_labels { key: "stable" value: 9007199254740993 }
        version_labels: [{ key: "old" value: 1 }, < value: 2 >]
        model_version_policy { latest {} } }   # the end
    }`);
  expect(read).toEqual(
    create(ModelServerConfigSchema, {
      config: {
        case: "modelConfigList",
        value: {
          config: [
            {
              name: "a",
              basePath: "/models/a",
              modelPlatform: "tensorflow",
              modelVersionPolicy: { policyChoice: { case: "specific", value: { versions: [1n, 16n, 8n] } } },
            },
            {
              name: "b",
              modelType: 1,
              versionLabels: { stable: 9007199254740993n, old: 1n, "": 2n },
              modelVersionPolicy: { policyChoice: { case: "latest", value: {} } },
            },
          ],
        },
      },
    }),
  );
});

test.each([
  ["an empty file", ""],
  ["comments only", "# nothing\n#"],
  ["an empty message", "model_config_list {}"],
])("%s", (_what, text) => {
  expect(config(text)).toEqual(fromText(ModelServerConfigSchema, text));
});

test.each<[string, number[]]>([
  [String.raw`"\a\b\f\n\r\t\v\?\\\'\""`, [7, 8, 12, 10, 13, 9, 11, 63, 92, 39, 34]],
  [String.raw`"\0\12\377"`, [0, 10, 255]],
  [String.raw`'\x0\x7F\XfF'`, [0, 127, 255]],
  [String.raw`"\u00e9\U0001F600"`, [...Buffer.from("é😀")]],
  [String.raw`"\1234"`, [0o123, 0x34]],
  [`"a" # between\n 'b'`, [97, 98]],
  [`""`, []],
])("the bytes %s", (literal, wanted) => {
  expect(bytes(literal)).toEqual(wanted);
});

test("text between escapes stays, whatever its alphabet", () => {
  expect(text(String.raw`"grüß\x20dich, 世\u754c 😀"`)).toBe("grüß dich, 世界 😀");
});

test("numbers of a float field", () => {
  expect(floats("1, -2, .5, 5., 1e3, 1.5e-3f, 2F, inf, -infinity, - 3, 0.1, 1e99")).toEqual([
    1,
    -2,
    0.5,
    5,
    1000,
    Math.fround(1.5e-3),
    2,
    Infinity,
    -Infinity,
    -3,
    Math.fround(0.1),
    Infinity,
  ]);
  expect(floats("nan, -NaN")).toEqual([NaN, NaN]);
  expect(Object.is(floats("-0")[0], -0)).toBe(true);
});

test.each([
  ["9223372036854775807", 9223372036854775807n],
  ["-9223372036854775808", -9223372036854775808n],
  ["- 5", -5n],
  ["-0x10", -16n],
  ["017", 15n],
  ["0", 0n],
])("the int64 %s", (value, wanted) => {
  expect(BigInt(int64(value))).toBe(wanted);
});

test.each(["true", "True", "t", "1", "0x1", "01"])("%s is true", (value) => {
  expect(readText(SSLConfigSchema, `client_verify: ${value}`, { file }).clientVerify).toBe(true);
});

test.each(["false", "False", "f", "0", "0x0"])("%s is false", (value) => {
  expect(readText(SSLConfigSchema, `client_verify: ${value}`, { file }).clientVerify).toBe(false);
});

test("enums by name and by number, also one that is not known", () => {
  const dtype = (value: string) => readText(TensorProtoSchema, `dtype: ${value}`, { file }).dtype;
  expect([dtype("DT_INT64"), dtype("9"), dtype("-1"), dtype("0x3e8")]).toEqual([9, 9, -1, 1000]);
});

test("maps of messages", () => {
  const read = readText(
    ExampleSchema,
    `features { feature { key: "x" value { int64_list { value: 1 } } } feature { key: "y" } }`,
    { file },
  );
  expect(Object.keys(read.features?.feature ?? {})).toEqual(["x", "y"]);
  expect(read.features?.feature.x?.kind).toMatchObject({ case: "int64List", value: { value: ["1"] } });
  expect(read.features?.feature.y?.kind.case).toBeUndefined();
});

test("an Any, expanded and raw", () => {
  const registry = createRegistry(LoggingConfigSchema);
  const url = "type.googleapis.com/tensorflow.serving.LoggingConfig";
  const read = readText(
    PlatformConfigMapSchema,
    `platform_configs { key: "tensorflow" value { source_adapter_config {
       [type.googleapis.com / tensorflow.serving.LoggingConfig] { sampling_config { sampling_rate: 0.5 } } } } }
     platform_configs { key: "raw" value { source_adapter_config { type_url: "x" value: "\\001" } } }`,
    { file, registry },
  );
  const any = read.platformConfigs.tensorflow?.sourceAdapterConfig;
  expect(any?.typeUrl).toBe(url);
  expect(fromBinary(LoggingConfigSchema, any?.value ?? new Uint8Array()).samplingConfig?.samplingRate).toBe(0.5);
  expect(read.platformConfigs.raw?.sourceAdapterConfig).toMatchObject({ typeUrl: "x", value: Uint8Array.of(1) });
});

test("what is read can be written to the wire", () => {
  const read = config('model_config_list { config { name: "a" version_labels { key: "x" value: 3 } } }');
  expect(fromBinary(ModelServerConfigSchema, toBinary(ModelServerConfigSchema, read))).toEqual(read);
});

describe("errors say where", () => {
  test.each([
    [
      "a name where none is known",
      "model_config_list {\n  config {\n    nmae: 'a' } }",
      `3:5: tensorflow.serving.ModelConfig has no field "nmae" (did you mean "name"?)`,
    ],
    [
      "nothing after the colon",
      "model_config_list:",
      `1:19: expected "{" after "model_config_list", got the end of the file`,
    ],
    [
      "no colon before a scalar",
      "model_config_list { config { name 'a' } }",
      `1:35: expected ":" after "name", got 'a'`,
    ],
    ["no end", "model_config_list {\n", `2:1: expected a field or "}", got the end of the file`],
    ["another bracket", "model_config_list { config < } }", `1:30: expected a field or ">", got "}"`],
    ["a bracket too many", "model_config_list { } }", `1:23: expected a field, got "}"`],
    ["two separators", "model_config_list {},,", `1:22: expected a field, got ","`],
    ["a number for a string", "model_config_list { config { name: 3 } }", `1:36: expected a string in quotes, got "3"`],
    [
      "a string for a number",
      'model_config_list { config { version_labels { key: "a" value: "1" } } }',
      `1:63: expected an int64, got "1"`,
    ],
    ["a message for a scalar", "model_config_list { config { name { } } }", `1:35: expected ":" after "name", got "{"`],
    ["a scalar for a message", "model_config_list: 3", `1:20: expected "{" after "model_config_list", got "3"`],
    [
      "an enum's value misspelt",
      "model_config_list { config { model_type: TENSORFLO } }",
      `1:42: "TENSORFLO" is no value of ModelType (did you mean "TENSORFLOW"?)`,
    ],
    ["a field twice", "model_config_list { config { name: 'a' name: 'b' } }", `1:40: "name" is given twice`],
    [
      "two of a oneof",
      "model_config_list {} custom_model_config {}",
      `1:22: "custom_model_config" excludes "model_config_list", which is given too`,
    ],
    [
      "a key twice",
      "model_config_list { config { version_labels { key: 'a' key: 'b' } } }",
      `1:56: "key" is given twice`,
    ],
    [
      "no such part of an entry",
      "model_config_list { config { version_labels { name: 'a' } } }",
      `1:47: expected "key", "value" or "}" in "version_labels", got "name"`,
    ],
    ["a list with no end", "model_config_list { config [{}, {} }", `1:36: expected "]" or "," in the list, got "}"`],
    ["a string with no end", "model_config_list { config { name: 'a\n' } }", "1:36: the string has no end on its line"],
    ["an escape that is none", "model_config_list {\n config { name: 'a\\q' } }", "2:19: unknown escape \\q"],
    [
      "an escape beyond a byte",
      "model_config_list { config { name: '\\777' } }",
      "1:37: \\777 is more than a byte holds",
    ],
    [
      "an escape beyond Unicode",
      "model_config_list { config { name: '\\U00110000' } }",
      "1:37: \\U00110000 is no character",
    ],
    ["a surrogate", "model_config_list { config { name: '\\ud800' } }", "1:37: \\ud800 is no character"],
    ["bytes that are no text", "model_config_list { config { name: '\\xff' } }", "1:36: the string is not valid UTF-8"],
    ["a character of no token", "model_config_list @", `1:19: unexpected "@"`],
    [
      "an extension",
      "[some.extension]: 3",
      "1:1: [some.extension]: extensions are not known, and tensorflow.serving.ModelServerConfig is no Any",
    ],
    ["an Any of nothing known", "custom_model_config { [a/b.C] {} }", "1:23: the message b.C is not known here"],
    ["a bracket in a name", "custom_model_config { [a/b.C {} }", `1:34: expected "]", got the end of the file`],
    ["a field by its number", "1 {}", `1:1: expected a field, got "1"`],
  ])("%s", (_what, text, message) => {
    expect(problem(() => config(text))).toBe(`${file}:${message}`);
  });

  test.each([
    ["value: 9223372036854775808", "1:8: 9223372036854775808 is not in the range of an int64"],
    ["value: -9223372036854775809", "1:8: -9223372036854775809 is not in the range of an int64"],
    ["value: 1.5", `1:8: expected an int64, got "1.5"`],
    ["value: 1e3", `1:8: expected an int64, got "1e3"`],
    ["value: 08", `1:8: "0" does not begin a number here: 0 leads octal digits only`],
    ["value: 1x", `1:9: unexpected "x" after the number 1`],
    ["value: 1.2.3", `1:11: unexpected "." after the number 1.2`],
    ["value: true", `1:8: expected an int64, got "true"`],
  ])("%s", (text, message) => {
    expect(problem(() => readText(Int64ListSchema, text, { file }))).toBe(`${file}:${message}`);
  });

  test.each([
    ["enable: 2", `1:9: expected true or false, got "2"`],
    ["enable: yes", `1:9: expected true or false, got "yes"`],
    ["enable: TRUE", `1:9: expected true or false, got "TRUE"`],
    ['enable: "true"', `1:9: expected true or false, got "true"`],
    ["enable: constructor", `1:9: expected true or false, got "constructor"`],
  ])("%s", (text, message) => {
    const shifted = message.replace("1:9", "1:29");
    expect(problem(() => readText(MonitoringConfigSchema, `prometheus_config { ${text} }`, { file }))).toBe(
      `${file}:${shifted}`,
    );
  });

  test("a number too large for its field's uint32 or too small", () => {
    const policy = (n: string) => () =>
      config(`model_config_list { config { model_version_policy { latest { num_versions: ${n} } } } }`);
    expect(problem(policy("4294967296"))).toMatch(":76: 4294967296 is not in the range of a uint32");
    expect(problem(policy("-1"))).toMatch(":76: -1 is not in the range of a uint32");
    expect(problem(policy("4294967295"))).toBe("nothing was thrown");
  });

  test("hex and octal are no floats", () => {
    expect(problem(() => floats("0x1"))).toMatch(`expected a decimal number, got "0x1"`);
    expect(problem(() => floats("010"))).toMatch(`expected a decimal number, got "010"`);
  });
});
