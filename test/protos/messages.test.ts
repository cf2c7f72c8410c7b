import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AnyDesc, createRegistry, type DescField, type DescFile, ScalarType } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DataType } from "../../protos/gen/tensorflow/core/framework/types_pb.js";

// `messages.txt` is what clients have compiled in, by TensorFlow Serving's and TensorFlow's own files. Names without a
// prefix are in `tensorflow.serving`, `tf.` is `tensorflow.`, `pb.` is `google.protobuf.`.

const generated = join(import.meta.dirname, "../../protos/gen");
const modules = readdirSync(generated, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("_pb.ts"));
const files = await Promise.all(
  modules.map(async (path) => {
    const exported: Record<string, AnyDesc> = await import(join(generated, path));
    return Object.values(exported).find((each): each is DescFile => each.kind === "file")!;
  }),
);
const registry = createRegistry(...files);

const short = (name: string) =>
  name
    .replace(/^tensorflow\.serving\./, "")
    .replace(/^tensorflow\./, "tf.")
    .replace(/^google\.protobuf\./, "pb.");
const long = (name: string) =>
  name.startsWith("tf.") ? name.replace("tf.", "tensorflow.") : `tensorflow.serving.${name}`;
const scalar = (type: ScalarType) => ScalarType[type].toLowerCase();

function typeOf(field: DescField): string {
  const named = field.message ?? field.enum;
  const type = named ? short(named.typeName) : scalar(field.scalar!);
  if (field.fieldKind === "map") return `map<${scalar(field.mapKey)},${type}>`;
  return field.fieldKind === "list" ? `repeated ${type}` : type;
}

/** Methods are found by name: their order is nobody's business. */
const sorted = (methods: readonly string[]) => [...methods].sort().join("; ");

/** Whether a field is deprecated or optional is nothing that the wire shows. */
function shown(desc: AnyDesc | undefined): string {
  if (desc?.kind === "enum") {
    const values = desc.values.filter(({ name }) => !name.endsWith("_REF"));
    return values.map(({ name, number }) => `${name}=${number}`).join(", ");
  }
  if (desc?.kind === "service") {
    const methods = desc.methods.map(({ name, input, output }) => {
      return `${name}(${short(input.typeName)}): ${short(output.typeName)}`;
    });
    return sorted(methods);
  }
  if (desc?.kind !== "message") return "absent";
  const fields = [...desc.fields].sort((a, b) => a.number - b.number);
  const texts = fields.map((field) => {
    const oneof = field.oneof ? ` (oneof ${field.oneof.name})` : "";
    return `${field.number} ${field.name} ${typeOf(field)}${oneof}`;
  });
  return texts.join("; ") || "(no fields)";
}

const lines = readFileSync(join(import.meta.dirname, "messages.txt"), "utf8")
  .trim()
  .split("\n");

describe("names, numbers and types on the wire", () => {
  test.each(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]))(
    "%s",
    (name, wanted) => {
      const desc = registry.get(long(name!.replace(/^(enum|service) /, "")));
      expect(shown(desc)).toBe(desc?.kind === "service" ? sorted(wanted!.split("; ")) : wanted);
    },
  );
});

test.each([
  ["PredictRequest", "tensorflow_serving/apis/predict.proto"],
  ["PredictionService", "tensorflow_serving/apis/prediction_service.proto"],
  ["ModelService", "tensorflow_serving/apis/model_service.proto"],
  ["ModelServerConfig", "tensorflow_serving/config/model_server_config.proto"],
  ["tf.TensorProto", "tensorflow/core/framework/tensor.proto"],
  ["tf.Example", "tensorflow/core/example/example.proto"],
])("%s is in the file where descriptor pools of clients have it", (name, path) => {
  expect(registry.get(long(name))?.file.proto.name).toBe(path);
});

test("every element type but the invalid one has a twin for references, 100 above it", () => {
  const values = Object.entries(DataType).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const numbers = new Map(values);
  const plain = values.filter(([name, number]) => !name.endsWith("_REF") && number > 0);
  expect(plain.length).toBeGreaterThan(30);
  for (const [name, number] of plain) expect(numbers.get(`${name}_REF`), name).toBe(number + 100);
});
