import { describe, expect, it } from "vitest";
import { silentLogger, type Tensors, tensor } from "../../../../core/index.js";
import {
  defaultOrtOptions,
  type OrtSession,
  openSession,
  type Weights,
} from "../../../../plugins/runtimes/onnxruntime/index.js";
import { encodeMessage, message, string, varint } from "../../../../protos/wire/writer.js";
import { never, numbers } from "./models.js";

const [FLOAT, INT64] = [1, 7];

/** An ONNX model of one operator on "x" and the weight "w", which is not among its bytes. */
function modelOf(op: string, inputs: readonly string[], x: number): Uint8Array {
  const port = (field: number, name: string, type: number) =>
    message(field, [string(1, name), message(2, [message(1, [varint(1, type)])])]);
  const node = message(1, [...inputs.map((name) => string(1, name)), string(2, "y"), string(4, op)]);
  const graph = [node, string(2, "g"), port(11, "x", x), port(12, "y", FLOAT)];
  return encodeMessage([varint(1, 8), message(7, graph), message(8, [string(1, ""), varint(2, 13)])]);
}

// Large enough not to be taken for a shape, which the runtime would copy.
const SIZE = 32;
const numbersFor = () => Float32Array.from({ length: SIZE * SIZE }, (_, i) => i % 7);

function weightsOf(data: Float32Array<ArrayBuffer>, group: object = {}): Weights {
  return { tensors: [{ name: "w", tensor: { dtype: "float32", shape: [SIZE, SIZE], data } }], group };
}

function open(engine: "ffi" | "binding", bytes: Uint8Array, weights: Weights): Promise<OrtSession> {
  return openSession({ bytes, weights }, { ...defaultOrtOptions, engine }, silentLogger);
}

const rows: Tensors = { x: tensor("int64", [2], BigInt64Array.of(1n, 3n)) };
const ones: Tensors = { x: tensor("float32", [1, SIZE], new Float32Array(SIZE).fill(1)) };
const answer = async (session: OrtSession, inputs: Tensors) => numbers((await session.run(inputs, [], never())).y);

const sumsOf = (data: Float32Array) =>
  Array.from({ length: SIZE }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < SIZE; row++) sum += data[row * SIZE + column]!;
    return sum;
  });

describe.each(["ffi", "binding"] as const)("weights outside of the model, engine %s", (engine) => {
  it("are used by several sessions, and by the one that stays when another goes", async () => {
    const data = numbersFor();
    const group = {};
    const gather = await open(engine, modelOf("Gather", ["w", "x"], INT64), weightsOf(data, group));
    const product = await open(engine, modelOf("MatMul", ["x", "w"], FLOAT), weightsOf(data, group));
    const again = await open(engine, modelOf("MatMul", ["x", "w"], FLOAT), weightsOf(data, group));
    const sums = sumsOf(data);
    const picked = [...data.subarray(SIZE, 2 * SIZE), ...data.subarray(3 * SIZE, 4 * SIZE)];
    expect(await answer(gather, rows)).toEqual(picked);
    expect(await answer(product, ones)).toEqual(sums);
    await product[Symbol.asyncDispose]();
    expect(await answer(again, ones)).toEqual(sums);
    await again[Symbol.asyncDispose]();
    expect(await answer(gather, rows)).toEqual(picked);
    await gather[Symbol.asyncDispose]();
  });

  it("that a model lacks end its opening with a clear error", async () => {
    const opened = open(engine, modelOf("MatMul", ["x", "v"], FLOAT), weightsOf(numbersFor()));
    await expect(opened).rejects.toMatchObject({ name: "ServingError" });
  });
});

it("the engine ffi computes with the weights where they lie, without a copy", async () => {
  const data = numbersFor();
  const session = await open("ffi", modelOf("Gather", ["w", "x"], INT64), weightsOf(data));
  data.fill(5);
  expect(new Set(await answer(session, rows))).toEqual(new Set([5]));
  await session[Symbol.asyncDispose]();
});
