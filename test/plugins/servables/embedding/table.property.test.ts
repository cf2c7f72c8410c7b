import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float16Values, toFloat16 } from "../../../../formats/float16/float16.js";
import { combine, combiners } from "../../../../plugins/servables/embedding/table/bags.js";
import { gather } from "../../../../plugins/servables/embedding/table/gather.js";
import {
  type Matrix,
  openMatrix,
  type StoredType,
  storedBytes,
  storedTypes,
  storedView,
} from "../../../../plugins/servables/embedding/table/matrix.js";
import { type Metric, scan } from "../../../../plugins/servables/embedding/table/scan.js";
import { mergeRanked } from "../../../../plugins/servables/embedding/table/top-k.js";

/** How a number is kept in a table of each type, and what it is then. */
const kept: Readonly<Record<StoredType, (number: number) => readonly [stored: number, value: number]>> = {
  float32: (number) => [number, number],
  float16: (number) => [toFloat16(number), float16Values()[toFloat16(number)]!],
  bfloat16: (number) => {
    const bits = new Uint32Array(Float32Array.of(number).buffer)[0]! >>> 16;
    return [bits, new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!];
  },
  int8: (number) => [Math.round(number * 8), Math.fround(Math.round(number * 8) * 0.125 + 0)],
};

type Case = { readonly matrix: Matrix; readonly rows: readonly (readonly number[])[] };

const number = fc.float({ min: -15, max: 15, noNaN: true });
const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...storedTypes), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 13 }))
  .chain(([dtype, count, width]) =>
    fc
      .array(fc.array(number, { minLength: width, maxLength: width }), { minLength: count, maxLength: count })
      .map((table) => {
        const memory = new SharedArrayBuffer(count * width * storedBytes[dtype]);
        const view = storedView(dtype, memory);
        for (const [i, each] of table.flat().entries()) view[i] = kept[dtype](each)[0];
        const scales = dtype === "int8" ? { scales: Float32Array.of(0.125) } : {};
        const matrix = openMatrix({ dtype, rows: count, width, memory, ...scales });
        return { matrix, rows: table.map((row) => row.map((each) => kept[dtype](each)[1])) };
      }),
  );

const pick = (matrix: Matrix, seed: number) => (seed % (matrix.rows + 1)) - 1;
const vector = ({ rows, matrix }: Case, row: number) =>
  rows[row] ?? Array.from(matrix.fallback ?? new Float32Array(matrix.width));
const withFallback = ({ matrix, rows }: Case, fill: number | undefined): Case =>
  fill === undefined
    ? { matrix, rows }
    : { rows, matrix: { ...matrix, fallback: new Float32Array(matrix.width).fill(fill) } };
const fallback = fc.option(fc.constantFrom(-2, 0.5), { nil: undefined });

test("float16 goes there and back, and rounds to the nearest", () => {
  const values = float16Values();
  for (let bits = 0; bits < 65_536; bits++) {
    const value = values[bits]!;
    if (!Number.isNaN(value)) expect(toFloat16(value)).toBe(bits);
    const next = values[bits + 1]!;
    if (bits % 97 !== 0 || bits >= 0x7bff) continue;
    expect(toFloat16(value + (next - value) * 0.49)).toBe(bits);
    expect(toFloat16(value + (next - value) * 0.51)).toBe(bits + 1);
    expect(toFloat16(value + (next - value) * 0.5) % 2).toBe(0);
  }
});

test("gathering is looking each row up", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat()), fallback, (bare, seeds, fill) => {
      const each = withFallback(bare, fill);
      const asked = seeds.map((seed) => pick(each.matrix, seed));
      const expected = asked.flatMap((row) => vector(each, row));
      expect(gather(each.matrix, Int32Array.from(asked))).toEqual(Float32Array.from(expected));
    }),
  );
});

test("in segments it is the same table", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat()), ({ matrix }, seeds) => {
      const shift = 2;
      const segments = Array.from({ length: Math.ceil(matrix.rows / 4) }, (_, i) =>
        (matrix.segments[0] as Float32Array).subarray(i * 4 * matrix.width, (i + 1) * 4 * matrix.width),
      );
      const asked = Int32Array.from(seeds, (seed) => pick(matrix, seed));
      expect(gather({ ...matrix, segments, shift }, asked)).toEqual(gather(matrix, asked));
    }),
  );
});

test.each(combiners)("bags are what their vectors come to: %s", (combiner) => {
  const bag = fc.array(fc.tuple(fc.nat(), fc.float({ min: -2, max: 2, noNaN: true })), { maxLength: 6 });
  fc.assert(
    fc.property(cases, fc.array(bag, { maxLength: 6 }), fc.boolean(), fallback, (bare, bags, weighted, fill) => {
      const each = withFallback(bare, fill);
      const { matrix } = each;
      const flat = bags.flat();
      const splits = Int32Array.from([0, ...bags.map((_, i) => bags.slice(0, i + 1).flat().length)]);
      const rows = Int32Array.from(flat, ([seed]) => pick(matrix, seed));
      const weights = weighted ? { weights: Float32Array.from(flat, ([, weight]) => weight) } : {};
      const got = combine(matrix, { rows, splits, combiner, ...weights });
      const expected = bags.flatMap((items) => {
        const terms = items.map(([seed, weight]) => [vector(each, pick(matrix, seed)), weighted ? weight : 1] as const);
        const power = combiner === "sqrtn" ? 2 : 1;
        const total = terms.reduce((sum, [, weight]) => sum + weight ** power, 0);
        const divisor = combiner === "sum" ? 1 : combiner === "mean" ? total : Math.sqrt(total);
        return Array.from({ length: matrix.width }, (_, d) => {
          const sum = terms.reduce((all, [row, weight]) => all + row[d]! * weight, 0);
          return divisor === 0 ? 0 : sum / divisor;
        });
      });
      expect(got).toEqual(Float32Array.from(expected));
    }),
  );
});

const nearness: Readonly<Record<Metric, (a: readonly number[], b: readonly number[]) => number>> = {
  dot: (a, b) => a.reduce((sum, each, i) => sum + each * b[i]!, 0),
  l2: (a, b) => -a.reduce((sum, each, i) => sum + (each - b[i]!) ** 2, 0),
  cosine: (a, b) => {
    const both = Math.sqrt(nearness.dot(a, a)) * Math.sqrt(nearness.dot(b, b));
    return both === 0 ? 0 : nearness.dot(a, b) / both;
  },
};

describe("the nearest are those of brute force, in parts or at once", () => {
  test.each(Object.keys(nearness) as Metric[])("%s", (metric) => {
    // Whole numbers: sums do not depend on their order, and there are ties.
    const whole = fc.integer({ min: -3, max: 3 });
    const input = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 })).chain(([width, count]) => {
      const row = fc.array(whole, { minLength: width, maxLength: width });
      return fc.record({
        table: fc.array(row, { minLength: count, maxLength: count }),
        queries: fc.array(row, { minLength: 1, maxLength: 4 }),
        k: fc.integer({ min: 1, max: 12 }),
        cut: fc.nat(count),
      });
    });
    fc.assert(
      fc.property(input, ({ table, queries, k, cut }) => {
        const [rows, width] = [table.length, table[0]!.length];
        const memory = new SharedArrayBuffer(4 * rows * width);
        new Float32Array(memory).set(table.flat());
        const matrix = openMatrix({ dtype: "float32", rows, width, memory });
        const search = { queries: Float32Array.from(queries.flat()), k, metric };
        const got = scan(matrix, search, 0, rows);
        const [low, high] = [scan(matrix, search, 0, cut), scan(matrix, search, cut, rows)];
        for (const [i, query] of queries.entries()) {
          const scored = table.map((row, id) => ({ id, score: nearness[metric](row, query) }));
          const best = scored.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, k);
          expect(Array.from(got[i]!.rows)).toEqual(best.map(({ id }) => id));
          expect(Array.from(got[i]!.scores)).toEqual(best.map(({ score }) => expect.closeTo(score, 12)));
          expect(mergeRanked([high[i]!, low[i]!], k)).toEqual(got[i]);
        }
      }),
    );
  });
});
