import { expect, test } from "vitest";
import { type Initializer, readInitializer } from "../../../formats/onnx/initializer.js";
import { MOST_DEPTH, readOnnxModel } from "../../../formats/onnx/read-model.js";
import { bytes, encodeMessage, type Field, message, string, varint } from "../../../protos/wire/writer.js";

const node = (op: string, ...graphs: Field[]): Field =>
  message(1, [string(4, op), ...graphs.map((graph) => message(5, [graph]))]);

const nestedTo = (depth: number) => {
  let graph: Field[] = [node("Add")];
  for (let i = 0; i < depth; i++) graph = [node("If", message(6, graph))];
  return encodeMessage([message(7, graph)]);
};

test("nodes are told with where they stand, inner graphs and functions apart", () => {
  const told: string[] = [];
  const model = encodeMessage([
    message(7, [node("If", message(6, [node("Add")]), message(11, []))]),
    message(25, [message(7, [string(4, "Mul"), string(7, "own")])]),
  ]);
  readOnnxModel(model, {
    node: (op, domain, { depth, inFunction }) => told.push(`${domain}:${op}@${depth}${inFunction ? "f" : ""}`),
    innerGraph: () => told.push("graph"),
    func: () => told.push("function"),
  });
  expect(told).toEqual(["graph", ":Add@1", "graph", ":If@0", "function", "own:Mul@0f"]);
});

test("graphs are read as deep as the bound, and refused beyond it", () => {
  expect(() => readOnnxModel(nestedTo(MOST_DEPTH))).not.toThrow();
  expect(() => readOnnxModel(nestedTo(MOST_DEPTH + 1))).toThrow("nested too deeply");
  expect(() => readOnnxModel(nestedTo(500))).toThrow("nested too deeply");
});

function initializer(...fields: Field[]): Initializer {
  let found: Initializer | undefined;
  const model = encodeMessage([message(7, [message(5, fields)])]);
  readOnnxModel(model, {
    initializer: (tensor) => {
      found = readInitializer(tensor);
    },
  });
  if (!found) throw new Error("no initializer was told");
  return found;
}

const numbersOf = (found: Initializer): number[] => {
  const data = found.data();
  return "bytes" in data ? [...data.bytes] : [];
};
const raw = (numbers: Float32Array | Float64Array) => new Uint8Array(numbers.buffer);

test.each([
  ["raw bytes", bytes(9, raw(Float32Array.of(1, 2)))],
  ["packed floats", bytes(4, raw(Float32Array.of(1, 2)))],
])("an initializer of %s", (_, data) => {
  const found = initializer(varint(1, 2), varint(1, 1), varint(2, 1), string(8, "w"), data);
  expect(found).toMatchObject({ name: "w", dtype: "float32", shape: [2, 1] });
  expect(numbersOf(found)).toEqual([...raw(Float32Array.of(1, 2))]);
});

test("packed dimensions, and 16-bit floats that lie as numbers of 32 bits", () => {
  const found = initializer(bytes(1, Uint8Array.of(1, 2)), varint(2, 10), bytes(5, Uint8Array.of(0x80, 0x78, 1)));
  expect(found).toMatchObject({ dtype: "float16", shape: [1, 2] });
  expect(numbersOf(found)).toEqual([0x00, 0x3c, 1, 0]);
});

test("external data are a place in another file", () => {
  const entry = (key: string, value: string) => message(13, [string(1, key), string(2, value)]);
  const found = initializer(varint(2, 1), entry("location", "w.bin"), entry("offset", "64"), entry("length", "8"));
  expect(found.data()).toEqual({ file: "w.bin", offset: 64, length: 8 });
  expect(() => initializer(varint(2, 1), entry("location", "w.bin"), entry("offset", "-4")).data()).toThrow("w.bin");
});

test("a shape that cannot be is refused", () => {
  expect(() => initializer(varint(1, 2 ** 40), varint(1, 2 ** 40), string(8, "w"))).toThrow('"w" declares the shape');
});
