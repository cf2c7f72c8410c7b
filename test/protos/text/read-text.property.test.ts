import { create, type DescMessage } from "@bufbuild/protobuf";
import { fromText, toText } from "@bufbuild/protobuf/txtpb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ExampleSchema } from "../../../protos/gen/tensorflow/core/example/example_pb.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { ModelServerConfigSchema } from "../../../protos/gen/tensorflow_serving/config/model_server_config_pb.js";
import { readText } from "../../../protos/text/read-text.js";
import { TextError } from "../../../protos/text/text-error.js";

const file = "f";
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\n", "\\", '"', "'", "\0", "7"),
    fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
  ),
});
const name = text.filter((each) => each !== "__proto__" && !/\p{Surrogate}/u.test(each));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const policy = fc.oneof(
  fc.record({
    case: fc.constant("latest" as const),
    value: fc.record({ numVersions: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  }),
  fc.record({ case: fc.constant("all" as const), value: fc.constant({}) }),
  fc.record({ case: fc.constant("specific" as const), value: fc.record({ versions: fc.array(int64) }) }),
);
const model = fc.record({
  name,
  basePath: name,
  modelType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  versionLabels: fc.dictionary(name, int64),
  modelVersionPolicy: fc.option(fc.record({ policyChoice: policy }), { nil: undefined }),
  loggingConfig: fc.option(fc.record({ samplingConfig: fc.record({ samplingRate: fc.double() }) }), { nil: undefined }),
});
const config = fc
  .array(model)
  .map((models) => create(ModelServerConfigSchema, { config: { case: "modelConfigList", value: { config: models } } }));
const tensor = fc
  .record({
    dtype: fc.constantFrom(1, 7, 9),
    tensorContent: fc.uint8Array(),
    floatVal: fc.array(fc.float()),
    doubleVal: fc.array(fc.double()),
    uint64Val: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    stringVal: fc.array(fc.uint8Array()),
    boolVal: fc.array(fc.boolean()),
  })
  .map((init) => create(TensorProtoSchema, init));

test("what the library prints is read back, of models", () => {
  fc.assert(
    fc.property(config, (message) => {
      expect(readText(ModelServerConfigSchema, toText(ModelServerConfigSchema, message), { file })).toEqual(message);
    }),
  );
});

test("what the library prints is read back, of tensors", () => {
  fc.assert(
    fc.property(tensor, (message) => {
      expect(readText(TensorProtoSchema, toText(TensorProtoSchema, message), { file })).toEqual(message);
    }),
  );
});

const pieces = fc.array(
  fc.constantFrom(
    ..."{}<>[]:,;-.#".split(""),
    ..."model_config_list config name base_path version_labels key value all latest features feature".split(" "),
    ..."int64_list bytes_list float_list custom_model_config type_url model_type TENSORFLOW inf nan true".split(" "),
    ..."1 0 017 0x1F 1.5 1e9 1f 99999999999999999999 '' 'a' \"b\" '\\x' '\\777' '\n \n \t 'un é".split(" "),
  ),
  { maxLength: 40 },
);

function outcome(schema: DescMessage, text: string): "read" | TextError {
  try {
    readText(schema, text, { file });
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(TextError);
    return error as TextError;
  }
}

test("any text is read or refused at a place inside it", () => {
  const anyText = fc.oneof(
    pieces.map((each) => each.join(" ")),
    pieces.map((each) => each.join("")),
    text,
  );
  fc.assert(
    fc.property(anyText, fc.constantFrom<DescMessage>(ModelServerConfigSchema, ExampleSchema), (text, schema) => {
      const found = outcome(schema, text);
      if (found === "read") return;
      const lines = text.split("\n");
      expect(found.line).toBeLessThanOrEqual(lines.length);
      expect(found.column).toBeLessThanOrEqual((lines[found.line - 1]?.length ?? 0) + 1);
    }),
    { numRuns: 2000 },
  );
});

test("a text that is cut anywhere is refused, or read as its beginning", () => {
  fc.assert(
    fc.property(config, fc.double({ min: 0, max: 1, noNaN: true }), (message, share) => {
      const whole = toText(ModelServerConfigSchema, message);
      outcome(ModelServerConfigSchema, whole.slice(0, Math.floor(whole.length * share)));
    }),
  );
});

test("what the library reads without Any and extensions is read alike", () => {
  fc.assert(
    fc.property(pieces, (each) => {
      const text = each.join(" ");
      const found = outcome(ModelServerConfigSchema, text);
      let theirs: unknown;
      try {
        theirs = fromText(ModelServerConfigSchema, text);
      } catch {
        return;
      }
      expect(found).toBe("read");
      expect(readText(ModelServerConfigSchema, text, { file })).toEqual(theirs);
    }),
    { numRuns: 2000 },
  );
});

test("deep nesting is refused before it exhausts the stack", () => {
  const deep = "[".repeat(100_000);
  expect(outcome(ModelServerConfigSchema, `custom_model_config { ${deep}`)).toBeInstanceOf(TextError);
  const tensors = `${"variant_val { tensors { ".repeat(50_000)}`;
  expect((outcome(TensorProtoSchema, tensors) as TextError).what).toBe("messages nest deeper than 100");
});

test.each([
  ["one string of a million quotes escaped", `model_config_list { config { name: "${"\\'".repeat(500_000)}" } }`],
  ["a million spaces and comments", `${" #\n".repeat(500_000)}model_config_list {}`],
])("%s takes time in proportion", (_what, text) => {
  expect(outcome(ModelServerConfigSchema, text)).toBe("read");
});
