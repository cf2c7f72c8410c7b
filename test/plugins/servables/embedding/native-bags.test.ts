import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../core/index.js";
import { ffiRuntime } from "../../../../plugins/runtimes/onnxruntime/ffi/index.js";
import { commonLength, openNativeBags } from "../../../../plugins/servables/embedding/native/bags.js";
import { combine, combiners } from "../../../../plugins/servables/embedding/table/bags.js";
import {
  openMatrix,
  type StoredType,
  storedBytes,
  storedView,
} from "../../../../plugins/servables/embedding/table/matrix.js";

const { signal } = new AbortController();
const works = await ffiRuntime().then(
  () => true,
  () => false,
);

const ROWS = 50;

/** Bits of small numbers, the same at each run. */
function matrixOf(dtype: StoredType, width: number) {
  const memory = new SharedArrayBuffer(ROWS * width * storedBytes[dtype]);
  const view = storedView(dtype, memory);
  // 0x3c00 and a little more are numbers above 1 as a float16, and far below it as a bfloat16.
  for (let i = 0; i < view.length; i++) view[i] = dtype === "float32" ? Math.sin(i) : 0x3c00 + (i % 512);
  return openMatrix({ dtype, rows: ROWS, width, memory });
}

const splitsOf = (count: number, length: number) => Int32Array.from({ length: count + 1 }, (_, i) => i * length);

describe.skipIf(!works)("ONNX Runtime adds up bags as JavaScript does, to the last digits of a float32", () => {
  test.each(
    (["float32", "float16", "bfloat16"] as const).flatMap((dtype) => combiners.map((c) => [dtype, c] as const)),
  )("a table of %s, %s", async (dtype, combiner) => {
    const matrix = matrixOf(dtype, 6);
    await using bags = await openNativeBags(matrix, 2, silentLogger);
    const item = fc.record({ row: fc.nat(ROWS - 1), weight: fc.constantFrom(0, 0.25, 1, 3) });
    const asked = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 7 }), fc.boolean())
      .chain(([count, length, weighted]) =>
        fc.tuple(
          fc.constant({ count, length, weighted }),
          fc.array(item, { minLength: count * length, maxLength: count * length }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(asked, async ([{ count, length, weighted }, items]) => {
        const rows = Int32Array.from(items, ({ row }) => row);
        const weights = weighted ? { weights: Float32Array.from(items, ({ weight }) => weight) } : {};
        const those = { rows, splits: splitsOf(count, length), combiner, ...weights };
        expect(commonLength(those)).toBe(length);
        const got = await bags.combine(those, length, signal);
        const wanted = combine(matrix, those);
        expect(got.length).toBe(wanted.length);
        for (const [i, value] of wanted.entries()) {
          expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("a large request is shared among threads", async () => {
    const matrix = matrixOf("float32", 64);
    await using bags = await openNativeBags(matrix, 2, silentLogger);
    const rows = Int32Array.from({ length: 20_000 }, (_, i) => (i * 7) % ROWS);
    const those = { rows, splits: splitsOf(1000, 20), combiner: "mean" } as const;
    const got = await bags.combine(those, 20, signal);
    const wanted = combine(matrix, those);
    const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);
    expect([got.length, worst < 1e-5]).toEqual([64_000, true]);
  });
});

test("bags of several lengths, of nothing, and with rows that are not there have no common length", () => {
  const bags = (splits: readonly number[], rows: readonly number[]) =>
    commonLength({ splits: Int32Array.from(splits), rows: Int32Array.from(rows), combiner: "sum" });
  expect(bags([0, 2, 4], [1, 2, 3, 4])).toBe(2);
  expect(bags([0, 1, 4], [1, 2, 3, 4])).toBeUndefined();
  expect(bags([0, 0, 0], [])).toBeUndefined();
  expect(bags([0], [])).toBeUndefined();
  expect(bags([0, 2, 4], [1, 2, -1, 4])).toBeUndefined();
});
