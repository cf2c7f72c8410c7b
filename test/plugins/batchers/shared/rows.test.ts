import fc from "fast-check";
import { expect, test } from "vitest";
import { allocate, bytesOf, type DType, dtypes, elementCount, type Tensor, tensor } from "../../../../core/index.js";
import { assertSameTensors } from "../../../../core/testing/index.js";
import { commonShape, padInner } from "../../../../plugins/batchers/shared/pad.js";
import { sliceRows, stackRows } from "../../../../plugins/batchers/shared/rows.js";

function filled(dtype: DType, shape: readonly number[], seed: number): Tensor {
  const count = elementCount(shape);
  if (dtype === "string") {
    return tensor(
      dtype,
      shape,
      Array.from({ length: count }, (_, i) => Uint8Array.of(seed, i)),
    );
  }
  const data = allocate(dtype, count);
  for (const [i] of (bytesOf(data) as Uint8Array).entries()) bytesOf(data)[i] = (seed * 31 + i * 7) & 0x3f;
  return { dtype, shape, data } as Tensor;
}

const inner = fc.array(fc.nat(3), { maxLength: 3 });

test("rows that are stacked and cut apart again are what they were, in every dtype", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...dtypes),
      inner,
      fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
      (dtype, shape, rows) => {
        const tensors = rows.map((count, i) => filled(dtype, [count, ...shape], i + 1));
        const total = rows.reduce((sum, count) => sum + count, 0);
        const stacked = stackRows(tensors, total);
        expect(stacked.shape).toEqual([total, ...shape]);
        let at = 0;
        for (const each of tensors) {
          const count = each.shape[0] ?? 0;
          assertSameTensors({ t: sliceRows(stacked, at, at + count) }, { t: each });
          at += count;
        }
      },
    ),
  );
});

test("a stack is padded with its first row", () => {
  const stacked = stackRows([filled("int32", [0, 2], 1), tensor("int32", [1, 2], Int32Array.of(5, 6))], 3);
  expect(stacked).toEqual({ dtype: "int32", shape: [3, 2], data: Int32Array.of(5, 6, 5, 6, 5, 6) });
});

test("inner dimensions are padded with the tensor's first element", () => {
  const wide = tensor("int32", [1, 2, 1], Int32Array.of(1, 2));
  const high = tensor("int32", [1, 1, 3], Int32Array.of(7, 8, 9));
  const common = commonShape([wide, high]);
  expect(common).toEqual([2, 3]);
  expect([...(padInner(wide, common).data as Int32Array)]).toEqual([1, 1, 1, 2, 1, 1]);
  expect([...(padInner(high, common).data as Int32Array)]).toEqual([7, 8, 9, 7, 7, 7]);
  const complex = tensor("complex64", [1, 1], Float32Array.of(1, -1));
  expect([...(padInner(complex, [2]).data as Float32Array)]).toEqual([1, -1, 1, -1]);
  const text = tensor("string", [1, 1], [Uint8Array.of(3)]);
  expect(padInner(text, [2])).toEqual({ dtype: "string", shape: [1, 2], data: [Uint8Array.of(3), Uint8Array.of(3)] });
  expect([...(padInner(tensor("int32", [1, 0], new Int32Array()), [2]).data as Int32Array)]).toEqual([0, 0]);
});

test("what is padded keeps its elements where they were", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(shape, fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }), (old, more) => {
      const source = filled("int32", old, 9);
      const common = old.slice(1).map((size, i) => size + (more[i] ?? 0));
      const padded = padInner(source, common);
      const at = (shape: readonly number[], index: readonly number[]) =>
        index.reduce((offset, i, axis) => offset * (shape[axis] ?? 0) + i, 0);
      const walk = (index: readonly number[]): void => {
        const [size] = padded.shape.slice(index.length);
        for (let i = 0; i < (size ?? 0); i++) walk([...index, i]);
        if (size !== undefined) return;
        const inside = index.every((i, axis) => i < (old[axis] ?? 0));
        expect(padded.data[at(padded.shape, index)]).toBe(source.data[inside ? at(old, index) : 0]);
      };
      walk([]);
    }),
  );
});
