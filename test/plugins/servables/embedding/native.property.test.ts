import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../core/index.js";
import { toFloat16 } from "../../../../formats/float16/float16.js";
import { ffiRuntime } from "../../../../plugins/runtimes/onnxruntime/ffi/index.js";
import { exactSearch } from "../../../../plugins/servables/embedding/index/exact.js";
import { openNativeGather } from "../../../../plugins/servables/embedding/native/gather.js";
import { openNativeNearest } from "../../../../plugins/servables/embedding/native/nearest.js";
import { joinTerms, rowTerms } from "../../../../plugins/servables/embedding/native/row-terms.js";
import { gather } from "../../../../plugins/servables/embedding/table/gather.js";
import {
  type Matrix,
  openMatrix,
  type StoredType,
  storedBytes,
  storedTypes,
  storedView,
} from "../../../../plugins/servables/embedding/table/matrix.js";
import { type Metric, rescore, type Search, scan } from "../../../../plugins/servables/embedding/table/scan.js";
import type { Table } from "../../../../plugins/servables/embedding/table/table.js";

const signal = new AbortController().signal;
const works = await ffiRuntime().then(
  () => true,
  () => false,
);
const metrics: readonly Metric[] = ["cosine", "dot", "l2"];

/** The bits that a number is kept as. */
const bitsOf: Readonly<Record<StoredType, (number: number) => number>> = {
  float32: (number) => number,
  float16: toFloat16,
  bfloat16: (number) => new Uint32Array(Float32Array.of(number).buffer)[0]! >>> 16,
  int8: (number) => Math.max(-128, Math.min(127, Math.round(number * 8))),
};

function matrixOf(dtype: StoredType, table: readonly (readonly number[])[], shift = 31): Matrix {
  const [rows, width] = [table.length, table[0]!.length];
  const memory = new SharedArrayBuffer(rows * width * storedBytes[dtype]);
  const view = storedView(dtype, memory);
  for (const [i, each] of table.flat().entries()) view[i] = bitsOf[dtype](each);
  const scales = dtype === "int8" ? { scales: Float32Array.from(table, (_, row) => 0.125 * (1 + (row % 3))) } : {};
  const matrix = openMatrix({ dtype, rows, width, memory, ...scales });
  if (shift === 31) return matrix;
  const each = 2 ** shift * width;
  const segments = Array.from({ length: Math.ceil(view.length / each) }, (_, i) =>
    (view as Float32Array).subarray(i * each, (i + 1) * each),
  );
  return { ...matrix, segments, shift };
}

/** Only what an exact search asks of a table, and how many queries were compared with every row. */
function tableOf(matrix: Matrix): Table & { readonly scanned: number } {
  let scanned = 0;
  const nothing = () => Promise.reject(new Error("not asked for"));
  return {
    matrix,
    isResident: () => true,
    wasRead: () => {},
    gather: nothing,
    combine: nothing,
    rescore: async (search, candidates) => rescore(matrix, search, candidates),
    terms: async (metric) => {
      const cut = matrix.rows >> 1;
      return joinTerms([rowTerms(matrix, metric, 0, cut), rowTerms(matrix, metric, cut, matrix.rows)], matrix.rows);
    },
    scan: async (search) => {
      scanned += search.queries.length / matrix.width;
      return scan(matrix, search, 0, matrix.rows);
    },
    get scanned() {
      return scanned;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** More products than are computed on the event loop. */
const ROWS = 9000;
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32 - 0.5;
};
const rowsOf = (count: number, width: number, number: (row: number) => number) =>
  Array.from({ length: count }, (_, row) => Array.from({ length: width }, () => number(row)));

async function answers(matrix: Matrix, search: Search) {
  const table = tableOf(matrix);
  await using exact = exactSearch(table, search.metric, silentLogger);
  const found = await exact.find(search, signal);
  return { found, expected: scan(matrix, search, 0, matrix.rows), scanned: table.scanned };
}

describe.skipIf(!works)("what ONNX Runtime proposes becomes exactly what comparing every row finds", () => {
  const kinds: Readonly<Record<string, (row: number) => number>> = {
    "spread out": () => 4 * random(),
    "full of ties": () => Math.round(3 * random()),
    "far from zero": () => 10 + random(),
    "nearly alike": () => 1 + 1e-6 * random(),
    "zeros here and there": (row) => (row % 5 === 0 ? 0 : random()),
    "too small for float32 products": (row) => (row % 2 === 0 ? 1e-22 : 1) * random(),
    "too large for float32 products": (row) => (row % 2 === 0 ? 1e22 : 1) * random(),
  };
  test.each(metrics.flatMap((metric) => Object.keys(kinds).map((kind) => [metric, kind] as const)))(
    "%s, %s",
    async (metric, kind) => {
      const table = rowsOf(ROWS, 9, kinds[kind]!);
      for (const [count, k] of [
        [1, 10],
        [5, 1],
        [3, 300],
      ] as const) {
        const queries = Float32Array.from(rowsOf(count, 9, kinds[kind]!).flat());
        const { found, expected, scanned } = await answers(matrixOf("float32", table), { queries, k, metric });
        expect(found).toEqual(expected);
        // Else nothing was shown of the proposals.
        if (kind === "spread out") expect(scanned).toBe(0);
      }
    },
  );

  test.each(storedTypes.flatMap((dtype) => metrics.map((metric) => [dtype, metric] as const)))(
    "a table of %s in segments, %s",
    async (dtype, metric) => {
      const matrix = matrixOf(dtype, rowsOf(ROWS, 12, kinds["spread out"]!), 10);
      const queries = Float32Array.from({ length: 24 }, random);
      const { found, expected } = await answers(matrix, { queries, k: 7, metric });
      expect(found).toEqual(expected);
    },
  );

  test("in blocks that are searched at once", async () => {
    const width = 64;
    const matrix = matrixOf("float32", rowsOf(ROWS, width, random));
    const queries = Float32Array.from({ length: Math.ceil(2 ** 24 / ROWS / width) * width }, random);
    const { found, expected } = await answers(matrix, { queries, k: 7, metric: "cosine" });
    expect(found).toEqual(expected);
  });

  test("a query of zeros, or next to nothing", async () => {
    const matrix = matrixOf("float32", rowsOf(ROWS, 8, random));
    const queries = new Float32Array(16);
    queries[8] = 1e-30;
    for (const metric of metrics) {
      const { found, expected } = await answers(matrix, { queries, k: 4, metric });
      expect(found).toEqual(expected);
    }
  });

  test("no row that was left out is nearer than the bar", async () => {
    const numbers = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...metrics),
        fc.array(numbers, { minLength: 12, maxLength: 60 }),
        fc.array(numbers, { minLength: 1, maxLength: 3 }),
        async (metric, table, asked) => {
          const matrix = matrixOf("float32", table);
          const terms = rowTerms(matrix, metric, 0, matrix.rows);
          await using nearest = await openNativeNearest(matrix, metric, terms, silentLogger);
          const search = { queries: Float32Array.from(asked.flat()), k: 2, metric };
          const all = scan(matrix, { ...search, k: matrix.rows }, 0, matrix.rows);
          for (const [i, { rows, bar }] of (await nearest.find(search, true, signal)).entries()) {
            const taken = new Set(rows);
            const best = all[i]!.rows.findIndex((row) => !taken.has(row));
            if (best >= 0 && !Number.isNaN(bar)) expect(all[i]!.scores[best]).toBeLessThanOrEqual(bar);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a caller that goes is let go", async () => {
    const matrix = matrixOf("float32", rowsOf(ROWS, 9, random));
    await using exact = exactSearch(tableOf(matrix), "dot", silentLogger);
    const search = { queries: new Float32Array(9).fill(1), k: 3, metric: "dot" } as const;
    await expect(exact.find(search, AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
    const leaving = new AbortController();
    const asked = exact.find(search, leaving.signal);
    leaving.abort();
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await exact.find(search, signal)).toEqual(scan(matrix, search, 0, ROWS));
  });
});

describe.skipIf(!works)("rows that ONNX Runtime gathers", () => {
  const fallback = Float32Array.from({ length: 7 }, (_, i) => i);
  const tables = (["float32", "float16", "bfloat16"] as const).map(
    (dtype) => [dtype, { ...matrixOf(dtype, rowsOf(50, 7, random)), fallback }] as const,
  );
  test.each(tables)("are those of %s", async (_, matrix) => {
    await using native = await openNativeGather(matrix, 2, silentLogger);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1, max: 49 }), { minLength: 1 }),
        fc.boolean(),
        async (asked, resident) => {
          const rows = Int32Array.from(asked);
          expect(await native.gather(rows, resident, signal)).toEqual(gather(matrix, rows));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("come together where several threads share them, the last with fewer", async () => {
    const matrix = { ...matrixOf("float32", rowsOf(500, 64, random)), fallback: new Float32Array(64).fill(7) };
    await using native = await openNativeGather(matrix, 3, silentLogger);
    const rows = Int32Array.from({ length: 12_500 }, (_, i) => ((i * 7919) % 501) - 1);
    const [found, expected] = [await native.gather(rows, true, signal), gather(matrix, rows)];
    // Telling the differences of so many numbers would take minutes.
    expect(found.every((number, i) => number === expected[i])).toBe(true);
  });
});
