import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFrequencies } from "../../../../../plugins/servables/transform/fit/frequencies.js";
import { createMoments, type Statistic } from "../../../../../plugins/servables/transform/fit/moments.js";
import { createQuantiles } from "../../../../../plugins/servables/transform/fit/quantiles.js";
import { bytesOfText } from "../../../../../plugins/servables/transform/text.js";

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

function of<T>(statistic: Statistic<T>, values: Iterable<number>): T {
  for (const value of values) statistic.add(value);
  return statistic.finish();
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

describe("fitted statistics", () => {
  it("moments are those of all values, and NaN is none", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const mean = sum(values) / values.length;
        const variance = sum(values.map((value) => (value - mean) ** 2)) / values.length;
        const got = of(
          createMoments(),
          values.flatMap((value) => [Number.NaN, value]),
        );
        expect(Math.abs(got.mean - mean)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(mean)) + 1e-7);
        expect(Math.abs(got.variance - variance)).toBeLessThanOrEqual(1e-6 * (1 + variance));
        expect(got).toMatchObject({ least: Math.min(...values), most: Math.max(...values) });
      }),
    );
  });

  it("values far from 0 keep their digits", () => {
    const { variance } = of(createMoments(), [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect(variance).toBeCloseTo(22.5, 6);
  });

  it("quantiles are exact while all values are kept", () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, quantile) => {
        const sorted = values.toSorted((a, b) => a - b);
        const rank = quantile * (values.length - 1);
        const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
        const wanted = low + (high - low) * (rank - Math.floor(rank));
        expect(of(createQuantiles(), values)(quantile)).toBeCloseTo(wanted, 4);
      }),
    );
  });

  it("beyond that ranks are off by no more than is said", () => {
    const [capacity, count] = [64, 20_000];
    // Each value once, in an order without order.
    const values = Array.from({ length: count }, (_, i) => (i * 7919) % count);
    const at = of(createQuantiles(capacity), values);
    const levels = Math.ceil(Math.log2(count / capacity));
    for (const quantile of [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]) {
      expect(Math.abs(at(quantile) - quantile * (count - 1)) / count).toBeLessThanOrEqual(
        (levels + 1) / (2 * capacity),
      );
    }
  });

  it("the most frequent come first, equals in falling order, as Keras ranks them", () => {
    const frequencies = createFrequencies();
    for (const key of ["b", "a", "c", "a", "", "", "", "c", "d"]) frequencies.add(bytesOfText(key));
    expect(frequencies.ranked({ limit: 3, minCount: 1, without: [""] })).toEqual(["c", "a", "d"]);
    expect(frequencies.ranked({ limit: 9, minCount: 2, without: [""] })).toEqual(["c", "a"]);
    expect(() => frequencies.ranked({ limit: 9, minCount: 4, without: [] })).toThrow("no value comes 4 times or more");
  });

  it("data without numbers has no statistics", () => {
    expect(() => of(createMoments(), [Number.NaN])).toThrow("the data has no number here");
    expect(() => of(createQuantiles(), [])).toThrow("the data has no number here");
  });
});
