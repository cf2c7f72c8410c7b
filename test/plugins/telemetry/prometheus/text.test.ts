import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histograms, scalars } from "../../../../plugins/telemetry/prometheus/family.js";
import { exponential, newHistogram, observe } from "../../../../plugins/telemetry/prometheus/histogram.js";
import { familyText, sixDigits } from "../../../../plugins/telemetry/prometheus/text.js";

test.each([
  [10, "10"],
  [32.4, "32.4"],
  [188.9568, "188.957"],
  [999999.4, "999999"],
  [999999.6, "1e+06"],
  [1274820.1, "1.27482e+06"],
  [1e9, "1e+09"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
])("%d has six digits as C's %%g has them: %s", (value, text) => {
  expect(sixDigits(value)).toBe(text);
});

describe("histograms", () => {
  const limits = exponential(1, 2, 10);

  test("a value is in the first bucket whose limit it does not exceed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.constantFrom(...limits))),
        (values) => {
          const histogram = newHistogram(limits);
          for (const value of values) observe(histogram, value);
          let below = 0;
          limits.forEach((limit, i) => {
            below += histogram.counts[i] ?? 0;
            expect(below).toBe(values.filter((value) => value <= limit).length);
          });
          expect(below + (histogram.counts.at(-1) ?? 0)).toBe(values.length);
          expect(histogram.sum).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
        },
      ),
    );
  });

  test("are written with rising counts, +Inf, sum and count", () => {
    const family = histograms({ name: "h", help: "Help.", labels: ["a"], limits: [1, 2.5] });
    const cell = family.cell("x");
    for (const value of [0.5, 2, 2, 9]) observe(cell, value);
    expect([...familyText(family)].join("")).toBe(
      [
        "# HELP h Help.",
        "# TYPE h histogram",
        'h_bucket{a="x",le="1"} 1',
        'h_bucket{a="x",le="2.5"} 3',
        'h_bucket{a="x",le="+Inf"} 4',
        'h_sum{a="x"} 13.5',
        'h_count{a="x"} 4',
        "",
      ].join("\n"),
    );
  });
});

test("without labels the braces are empty, and a bucket has only its limit", () => {
  const counter = scalars("counter", { name: "c", labels: [] });
  counter.cell().value = 2;
  expect([...familyText(counter)].join("")).toBe("# TYPE c counter\nc{} 2\n");
  const histogram = histograms({ name: "h", labels: [], limits: [1] });
  observe(histogram.cell(), 1);
  expect([...familyText(histogram)].join("")).toContain('\nh_bucket{le="1"} 1\n');
});
