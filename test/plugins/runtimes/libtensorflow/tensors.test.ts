import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  allocate,
  bytesOf,
  type DType,
  dtypes,
  elementCount,
  type NumericDType,
  type Tensor,
  tensor,
} from "../../../../core/index.js";
import type { LoadedSession } from "../../../../plugins/runtimes/libtensorflow/index.js";
import { dataTypeOf } from "../../../../protos/tensor/dtype.js";
import { type Node, never, noTensorflow, open, savedModelOf, typeAttr, withTensorflow } from "./support.js";

/** One placeholder and one Identity for each dtype, named after it. */
const identities = (): Node[] =>
  dtypes.flatMap((dtype): Node[] => {
    const type = typeAttr(dataTypeOf(dtype));
    return [
      { name: dtype, op: "Placeholder", attr: { dtype: type } },
      { name: `${dtype}_out`, op: "Identity", input: [dtype], attr: { T: type } },
    ];
  });

function filled(dtype: DType, shape: readonly number[]): Tensor {
  const count = elementCount(shape);
  if (dtype === "string") {
    return tensor(
      "string",
      shape,
      Array.from({ length: count }, (_, i) => new Uint8Array(i * 7).fill(i)),
    );
  }
  const data = allocate(dtype as NumericDType, count);
  const bytes = bytesOf(data);
  for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === "bool" ? i % 2 : (i * 37 + 11) % 256;
  return tensor(dtype, shape, data as never) as Tensor;
}

describe.skipIf(noTensorflow)(withTensorflow("tensors go in and come out unchanged"), () => {
  const model = savedModelOf(identities());
  let session: LoadedSession;
  beforeAll(async () => {
    session = await open(model.dir);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    model.remove();
  });
  const echo = async (given: Tensor) => {
    const [out] = await session.run({ [`${given.dtype}:0`]: given }, [`${given.dtype}_out:0`], never);
    return out as Tensor;
  };

  it.each(dtypes)("%s: vectors, matrices, a scalar, and no elements at all", async (dtype) => {
    for (const shape of [[5], [2, 3], [], [0], [3, 0, 2], [1, 1, 1, 1]]) {
      const given = filled(dtype, shape);
      const out = await echo(given);
      expect({ dtype: out.dtype, shape: out.shape }).toEqual({ dtype, shape });
      if (out.dtype === "string")
        expect(out.data.map((item) => [...item])).toEqual((given.data as Uint8Array[]).map((item) => [...item]));
      else expect(bytesOf(out.data)).toEqual(bytesOf(given.data as never));
    }
  });

  it("any bytes in any strings", async () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(strings, async (items) => {
        const out = await echo(tensor("string", [items.length], items));
        expect(out.data).toEqual(items);
      }),
      { numRuns: 60 },
    );
  });

  it("strings in their thousands, short and long", async () => {
    const items = Array.from({ length: 10_000 }, (_, i) => new Uint8Array(i % 50).fill(i % 251));
    const out = await echo(tensor("string", [100, 100], items));
    expect(out.shape).toEqual([100, 100]);
    expect(out.data).toEqual(items);
  });

  it("a view in the middle of a larger buffer", async () => {
    const whole = Float32Array.from({ length: 100 }, (_, i) => i);
    const out = await echo(tensor("float32", [10], whole.subarray(45, 55)));
    expect([...(out.data as Float32Array)]).toEqual([45, 46, 47, 48, 49, 50, 51, 52, 53, 54]);
  });

  it("results that own their memory: later runs do not change them", async () => {
    const first = await echo(tensor("int64", [2], BigInt64Array.of(1n, 2n)));
    for (let i = 0; i < 50; i++) await echo(tensor("int64", [2], BigInt64Array.of(-1n, -1n)));
    expect(first.data).toEqual(BigInt64Array.of(1n, 2n));
  });

  it("one tensor asked for twice", async () => {
    const given = filled("float32", [3]);
    const out = await session.run({ "float32:0": given }, ["float32_out:0", "float32_out"], never);
    expect(out.map(({ data }) => data)).toEqual([given.data, given.data]);
  });

  it.each([[[2 ** 40, 2 ** 40, 0]], [Array(300).fill(1)], [[0, 2 ** 53 - 1]]])(
    "the shape %j, on which TensorFlow would end the process, is refused",
    async (shape) => {
      const data = new Float32Array(elementCount(shape));
      await expect(echo({ dtype: "float32", shape, data })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("input float32:0"),
      });
    },
  );

  it("fewer elements than the shape says are refused", async () => {
    await expect(echo({ dtype: "float32", shape: [4], data: new Float32Array(3) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "input float32:0: 3 items do not fill the shape [4]",
    });
  });
});

describe.skipIf(noTensorflow)(withTensorflow("what a graph keeps or cannot give away"), () => {
  const string = typeAttr(dataTypeOf("string"));
  const RESOURCE = 20;

  it("strings that a variable keeps outlive the request that brought them", async () => {
    const handle = {
      name: "kept",
      op: "VarHandleOp",
      attr: { dtype: string, shape: { value: { case: "shape" as const, value: { unknownRank: true } } } },
    };
    const model = savedModelOf([
      { name: "text", op: "Placeholder", attr: { dtype: string } },
      handle,
      { name: "assign", op: "AssignVariableOp", input: ["kept", "text"], attr: { dtype: string } },
      { name: "stored", op: "Identity", input: ["text", "^assign"], attr: { T: string } },
      { name: "read", op: "ReadVariableOp", input: ["kept"], attr: { dtype: string } },
    ]);
    await using session = await open(model.dir);
    model.remove();
    const long = Array.from({ length: 50 }, (_, i) => new Uint8Array(100).fill(i));
    await session.run({ text: tensor("string", [50], long) }, ["stored"], never);
    for (let i = 0; i < 20; i++) {
      // Fresh allocations of the same sizes would land in memory freed too early.
      await expect(
        session.run({ text: tensor("float32", [1], new Float32Array(1)) }, ["read"], never),
      ).rejects.toThrow();
      const [read] = await session.run({}, ["read"], never);
      expect(read?.data).toEqual(long);
    }
  });

  it("a resource handle is refused by its name", async () => {
    const model = savedModelOf([
      { name: "table", op: "VarHandleOp", attr: { dtype: string, shape: { value: { case: "shape", value: {} } } } },
      { name: "copy", op: "Identity", input: ["table"], attr: { T: typeAttr(RESOURCE) } },
    ]);
    await using session = await open(model.dir);
    model.remove();
    await expect(session.run({}, ["copy:0"], never)).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
      message: "output copy:0 is a DT_RESOURCE, which cannot be served",
    });
  });
});
