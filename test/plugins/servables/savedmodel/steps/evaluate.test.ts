import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DType, elementCount, record, silentLogger, type Tensor, tensor } from "../../../../../core/index.js";
import { defaultOrtOptions, openSession } from "../../../../../plugins/runtimes/onnxruntime/index.js";
import { onnxType } from "../../../../../plugins/servables/savedmodel/onnx/data-types.js";
import { encodeModel } from "../../../../../plugins/servables/savedmodel/onnx/encode.js";
import type { Attribute } from "../../../../../plugins/servables/savedmodel/onnx/graph.js";
import { evaluateOp } from "../../../../../plugins/servables/savedmodel/steps/evaluate/evaluate.js";
import { createPace } from "../../../../../plugins/servables/savedmodel/steps/pace.js";
import { firstDifference } from "../../../../fixtures/compare.js";

type Numbers = "int32" | "int64" | "float32" | "float64" | "bool";
const { signal } = new AbortController();

function make(dtype: Numbers | "string", shape: readonly number[], items: readonly number[]): Tensor {
  const values = Array.from({ length: elementCount(shape) }, (_, i) => items[i % items.length] ?? 0);
  if (dtype === "int64") return tensor("int64", shape, BigInt64Array.from(values, BigInt));
  if (dtype === "int32") return tensor("int32", shape, Int32Array.from(values));
  if (dtype === "bool")
    return tensor(
      "bool",
      shape,
      Uint8Array.from(values, (value) => value & 1),
    );
  if (dtype === "string")
    return tensor(
      "string",
      shape,
      values.map((value) => new Uint8Array(Buffer.from(`s${value}`))),
    );
  const halves = values.map((value) => (value === 9 ? Number.NaN : value / 2));
  return dtype === "float32"
    ? tensor("float32", shape, Float32Array.from(halves))
    : tensor("float64", shape, Float64Array.from(halves));
}
const list = (...values: number[]) => tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
const scalar = (value: number) => tensor("int64", [], BigInt64Array.of(BigInt(value)));

/** What ONNX Runtime and the host make of one node; the outputs are all of the type `out`. */
async function both(
  op: string,
  inputs: readonly Tensor[],
  attributes: Record<string, Attribute>,
  out: DType,
  outputs: number,
) {
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const graph = {
    nodes: [{ op, name: "n", inputs: inputs.map((_, i) => `x${i}`), outputs: names, attributes }],
    initializers: [],
    inputs: inputs.map(({ dtype }, i) => ({ name: `x${i}`, dtype })),
    outputs: names.map((name) => ({ name, dtype: out })),
  };
  await using session = await openSession({ bytes: encodeModel(graph) }, defaultOrtOptions, silentLogger);
  const native = await session.run(record(inputs.map((each, i) => [`x${i}`, each] as const)), names, { signal });
  const kernel = evaluateOp.open({ op, attributes });
  const own = await kernel(
    inputs,
    createPace(signal),
    names.map(() => true),
  );
  return { native, own: record(names.map((name, i) => [name, own[i]!] as const)) };
}

type Case = readonly [
  op: string,
  inputs: readonly Tensor[],
  attributes?: Record<string, Attribute>,
  out?: DType,
  outputs?: number,
];

const size = fc.constantFrom(0, 1, 2, 3);
const items = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 18 });
const dtype = fc.constantFrom<Numbers>("int32", "int64", "float32", "float64");

const gen = (
  build: (d: Numbers, a: number, b: number, c: number, x: readonly number[], y: readonly number[]) => readonly Case[],
) => fc.tuple(dtype, size, size, size, items, items).map((given) => build(...given));

const cases = gen((d, a, b, c, x, y) => {
  const [value, row] = [make(d, [a, b, c], x), make(d, [1, c], y)];
  const words = make("string", [a, b, c], x);
  const bools = make("bool", [a, 1, c], x);
  const plain = d.startsWith("float")
    ? make(
        d,
        [a, b, c],
        x.map((each) => (each === 9 ? 8 : each)),
      )
    : value;
  return [
    ...["Add", "Sub", "Mul"].map((op): Case => [op, [value, row]]),
    ...["Max", "Min"].map((op): Case => [op, [value, row]]),
    ...["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"].map((op): Case => [op, [value, row], {}, "bool"]),
    ["Equal", [words, make("string", [1, c], y)], {}, "bool"],
    ["And", [bools, make("bool", [1, c], y)]],
    ["Or", [bools, make("bool", [1, c], y)]],
    ["Not", [bools]],
    ["Where", [bools, value, row]],
    ["Where", [bools, words, make("string", [1, c], y)]],
    ["Shape", [words], {}, "int64"],
    ["Size", [value], {}, "int64"],
    ["Identity", [words]],
    ["Reshape", [words, list(b, a, c)], { allowzero: 1 }],
    ["Unsqueeze", [words, list(0, -1)]],
    ["Squeeze", [make("string", [1, b, 1], x), list(0, -1)]],
    ["Flatten", [value], { axis: 2 }],
    ["Transpose", [words], { perm: [2, 0, 1] }],
    ["Concat", [words, make("string", [a, 2, c], y)], { axis: 1 }],
    ["Slice", [words, list(-2, 5), list(9, -9), list(1, 2), list(1, -2)]],
    [
      "Gather",
      [
        make(d, [b + 1, 2], x),
        make(
          "int64",
          [a, c],
          x.map((each) => Math.abs(each) % (b + 1)),
        ),
      ],
      { axis: 0 },
    ],
    ["Gather", [make(d, [a, b + 1, c], x), list(-1, 0)], { axis: 1 }],
    ["Expand", [make("string", [1, c], x), list(a, b, 1)]],
    ["Tile", [words, list(2, 0, 1)]],
    ["Tile", [value, list(1, 2, 3)]],
    ["Split", [make("string", [a, 5], x), list(2, 3)], { axis: 1 }, "string", 2],
    ...(["int32", "int64", "float32", "float64", "bool"] as const).map(
      (to): Case => ["Cast", [plain], { to: onnxType(to)! }, to],
    ),
    ["ReduceSum", [plain, list(0, 2)], { keepdims: 0 }],
    ["ReduceSum", [plain], { keepdims: 1 }],
    ...(d === "float64" || elementCount([a, b, c]) === 0
      ? []
      : ["ReduceMax", "ReduceMin"].map((op): Case => [op, [plain, list(1)], { keepdims: 0 }])),
    ["ReduceProd", [make(d, [a, 2], [1, -2, 3]), list(1)], { keepdims: 1 }],
    ["CumSum", [plain, scalar(1)], {}],
    ["CumSum", [plain, scalar(-1)], { exclusive: 1, reverse: 1 }],
    ["ConstantOfShape", [list(a, c)], {}, "float32"],
    ["Range", [scalar(x[0]!), scalar(y[0]!), scalar(x[0]! <= y[0]! ? 2 : -3)]],
  ];
});

describe("an ONNX node on the host", () => {
  it("answers as ONNX Runtime does", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        for (const [
          op,
          inputs,
          attributes = {},
          out = inputs.at(op === "Where" ? 1 : 0)!.dtype,
          outputs = 1,
        ] of given) {
          const { native, own } = await both(op, inputs, attributes, out, outputs);
          const what = `${op} ${JSON.stringify(attributes)} of ${inputs.map((each) => `${each.dtype}[${each.shape}]`)}`;
          expect(firstDifference(own, native), what).toBeUndefined();
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it("gathers whole rows of strings, of which ONNX Runtime copies the first string alone", async () => {
    const words = make("string", [3, 2], [0, 1, 2, 3, 4, 5]);
    const kernel = evaluateOp.open({ op: "Gather", attributes: { axis: 0 } });
    const [rows] = await kernel([words, list(2, 0)], createPace(signal), [true]);
    expect(rows).toEqual(make("string", [2, 2], [4, 5, 0, 1]));
  });

  it("refuses an index out of range, and shapes that do not fit", async () => {
    const run = async (op: string, inputs: readonly Tensor[], attributes = {}) =>
      evaluateOp.open({ op, attributes })(inputs, createPace(signal), [true]);
    const refused = { code: "INVALID_ARGUMENT" };
    await expect(run("Gather", [list(1, 2), scalar(2)])).rejects.toMatchObject(refused);
    await expect(run("Add", [list(1, 2), list(1, 2, 3)])).rejects.toMatchObject(refused);
    await expect(run("Reshape", [list(1, 2), list(3)])).rejects.toMatchObject(refused);
    await expect(run("Squeeze", [list(1, 2), list(0)])).rejects.toMatchObject(refused);
    await expect(run("Concat", [list(1), scalar(1)], { axis: 0 })).rejects.toMatchObject(refused);
    await expect(run("Range", [scalar(0), scalar(5), scalar(0)])).rejects.toMatchObject(refused);
    await expect(run("Tile", [list(1), list(2 ** 40)])).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });
});
