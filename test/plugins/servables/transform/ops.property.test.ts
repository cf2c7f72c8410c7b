import fc from "fast-check";
import { strings, type Tensor, type Tensors, tensor } from "salver";
import { assertSameTensors } from "salver/testing";
import { describe, expect, it } from "vitest";
import { fingerprint64 } from "../../../../formats/fingerprint/farm-hash.js";
import { toBigInt } from "../../../../formats/fingerprint/uint64.js";
import { momentOf, secondsOf } from "../../../../plugins/servables/transform/ops/calendar.js";
import { openText, run, specOf } from "./support/open.js";

const RUNS = { numRuns: 40 };
const float = fc.oneof(fc.float({ noDefaultInfinity: true }), fc.constantFrom(0, Number.NaN, 1, -1));
const floats = fc.array(float, { maxLength: 40 });
const columnOf = (values: readonly number[]) => tensor("float32", [values.length], Float32Array.from(values));
const ids = (values: readonly number[], shape = [values.length]) =>
  tensor("int64", shape, BigInt64Array.from(values, BigInt));

/** The same step for each value, one by one, in plain JavaScript. */
const naive: readonly (readonly [step: string, of: (x: number) => number, dtype: "float32" | "int64"])[] = [
  ["op: standardize, mean: 3, std: 2.5", (x) => (x - 3) / 2.5, "float32"],
  ["op: standardize, mean: 3, std: 0", (x) => x - 3, "float32"],
  ["op: min-max, min: -2, max: 6, range: [0, 10]", (x) => ((x + 2) / 8) * 10, "float32"],
  ["op: min-max, min: -2, max: 6, clip: true", (x) => Math.min(1, Math.max(0, (x + 2) / 8)), "float32"],
  ["op: robust, center: 1, scale: 4", (x) => (x - 1) / 4, "float32"],
  ["op: clip, min: -1, max: 2", (x) => Math.min(2, Math.max(-1, x)), "float32"],
  ["op: log1p", Math.log1p, "float32"],
  ["op: multiply, by: 0.1", (x) => x * 0.1, "float32"],
  ["op: impute, strategy: mean, value: 7", (x) => (Number.isNaN(x) ? 7 : x), "float32"],
  [
    "op: bucketize, boundaries: [-1, 0.3, 1]",
    (x) => (Number.isNaN(x) ? 3 : [-1, Math.fround(0.3), 1].filter((bound) => bound <= x).length),
    "int64",
  ],
];

describe("steps on columns do what one value at a time would", () => {
  it.each(naive)("%s", async (step, of, dtype) => {
    await using servable = await openText(specOf("x: float32", `from: x, to: y, ${step}`));
    await fc.assert(
      fc.asyncProperty(floats, async (values) => {
        const wanted = values.map((value) => of(Math.fround(value)));
        const { y } = await run(servable, { x: columnOf(values) });
        assertSameTensors({ y: y! }, { y: dtype === "int64" ? ids(wanted) : columnOf(wanted) }, 1e-6);
      }),
      RUNS,
    );
  });

  it("hash takes the fingerprint's remainder, whatever the size of the table", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary" })),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        async (texts, buckets) => {
          await using servable = await openText(specOf("x: string", `op: hash, from: x, to: y, buckets: ${buckets}`));
          const x = strings(texts);
          const wanted = x.data.map((bytes) => toBigInt(fingerprint64(bytes)) % BigInt(buckets));
          expect((await run(servable, { x })).y!.data).toEqual(BigInt64Array.from(wanted));
        },
      ),
      RUNS,
    );
  });

  it("multi-hot counts what is in range", async () => {
    await using servable = await openText(
      specOf("x: { dtype: int64, shape: [-1, -1] }", "op: multi-hot, from: x, to: y, depth: 5, count: true"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(6),
        fc.nat(6),
        fc.infiniteStream(fc.integer({ min: -2, max: 6 })),
        async (rows, width, stream) => {
          const values = [...stream.take(rows * width)];
          const wanted = Array.from({ length: rows * 5 }, (_, i) => {
            const row = values.slice(Math.floor(i / 5) * width, (Math.floor(i / 5) + 1) * width);
            return row.filter((id) => id === i % 5).length;
          });
          const { y } = await run(servable, { x: ids(values, [rows, width]) });
          assertSameTensors({ y: y! }, { y: tensor("float32", [rows, 5], Float32Array.from(wanted)) });
        },
      ),
      RUNS,
    );
  });

  it("concat and reshape are each other's way back", async () => {
    await using servable = await openText(
      specOf(
        "a: float32, b: { dtype: int64, shape: [-1, 3] }",
        "op: concat, from: [a, b], to: c",
        "op: reshape, from: c, to: y, shape: [2, 2]",
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer(), fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)))), async (rows) => {
        const a = columnOf(rows.map(([value]) => value));
        const b = ids(
          rows.flatMap(([, list]) => list),
          [rows.length, 3],
        );
        const wanted = rows.flatMap(([value, list]) => [value, ...list]);
        const { y } = await run(servable, { a, b });
        assertSameTensors({ y: y! }, { y: tensor("float32", [rows.length, 2, 2], Float32Array.from(wanted)) });
      }),
      RUNS,
    );
  });

  it("dates are those of JavaScript", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const seconds = Math.floor(date.getTime() / 1000);
          expect(secondsOf(date.toISOString())).toBeCloseTo(date.getTime() / 1000, 3);
          expect(momentOf(seconds)).toMatchObject({
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
            day: date.getUTCDate(),
            hour: date.getUTCHours(),
            minute: date.getUTCMinutes(),
            second: date.getUTCSeconds(),
            weekday: (date.getUTCDay() + 6) % 7,
          });
        },
      ),
    );
  });
});

/** Some of everything. */
const everything = specOf(
  "n: float32, i: int64, s: string, d: float64, t: { dtype: string, shape: [-1, 3] }, f: bool",
  "op: impute, from: n, to: known, strategy: constant, value: 1",
  "op: standardize, from: known, to: z, mean: 1, std: 2",
  "op: add, from: [z, d], to: sum",
  "op: hash, from: s, to: h, buckets: 9, salt: 5",
  "op: one-hot, from: h, to: hot",
  "op: cross, from: [s, i], to: crossed, buckets: 77",
  "op: normalize-text, from: s, to: plain, unicode: NFKC, punctuation: remove",
  "op: split, from: plain, to: words, length: 4",
  "op: ngrams, from: words, to: grams, widths: [1, 2]",
  "op: lookup, from: t, to: tags, vocabulary: [a, b], oovBuckets: 2",
  "op: multi-hot, from: tags, to: many",
  "op: pad, from: tags, to: longer, length: 5, value: -1",
  "op: cast, from: i, to: text, dtype: string",
  "op: reshape, from: i, to: whole, shape: [1]",
  "op: cast, from: f, to: flag, dtype: float32",
  "op: concat, from: [hot, many, sum, flag], to: all",
);

const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "É", "ﬁ", ".", "c") });
const row = fc.record({
  n: float,
  i: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  s: text,
  d: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  t: fc.tuple(text, text, text),
  f: fc.boolean(),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

const batchOf = (rows: readonly Row[]): Tensors => ({
  n: columnOf(rows.map(({ n }) => n)),
  i: tensor(
    "int64",
    [rows.length],
    BigInt64Array.from(rows, ({ i }) => i),
  ),
  s: strings(rows.map(({ s }) => s)),
  d: tensor(
    "float64",
    [rows.length],
    Float64Array.from(rows, ({ d }) => d),
  ),
  t: strings(
    rows.flatMap(({ t }) => t),
    [rows.length, 3],
  ),
  f: tensor(
    "bool",
    [rows.length],
    Uint8Array.from(rows, ({ f }) => +f),
  ),
});

/** Rows `from` to `to` of what came back. */
const cut = (tensors: Tensors, from: number, to: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, each]) => {
      const width = each.shape.slice(1).reduce((size, next) => size * next, 1);
      const data = each.data.slice(from * width, to * width);
      return [name, { ...each, shape: [to - from, ...each.shape.slice(1)], data } as Tensor];
    }),
  );

it("a slice of a batch gives the slice of its results", async () => {
  await using servable = await openText(everything);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 90 }), fc.nat(), fc.nat(), async (rows, a, b) => {
      const [from, to] = [a % (rows.length + 1), b % (rows.length + 1)].sort((x, y) => x - y) as [number, number];
      const whole = await run(servable, batchOf(rows));
      assertSameTensors(await run(servable, batchOf(rows.slice(from, to))), cut(whole, from, to));
    }),
    RUNS,
  );
});
