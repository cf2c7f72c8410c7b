import { z } from "zod";
import { numbersOf } from "../column.js";
import { createMoments } from "../fit/moments.js";
import { createQuantiles } from "../fit/quantiles.js";
import { absent } from "./absent.js";
import { oneNumeric } from "./expect.js";
import { type Accumulator, defineOp, refuse } from "./op.js";

/** How many boundaries are not above the value: below the first is bucket 0. NaN, below nothing, goes to the last. */
function bucketOf(value: number, boundaries: Float64Array): number {
  let [low, high] = [0, boundaries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < boundaries[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Boundaries that are rising: what comes twice, where many values are equal, is one. */
const distinct = (values: readonly number[]) => values.filter((value, i) => i === 0 || value > values[i - 1]!);

const inner = (bins: number) => Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins);

function fitBoundaries(bins: number, strategy: "quantile" | "uniform"): Accumulator {
  const [quantiles, moments] = [createQuantiles(), createMoments()];
  const statistic = strategy === "quantile" ? quantiles : moments;
  return {
    add: ([column]) => {
      for (const value of numbersOf(column)) statistic.add(value);
    },
    finish: () => {
      if (strategy === "quantile") return { boundaries: distinct(inner(bins).map(quantiles.finish())) };
      const { least, most } = moments.finish();
      return { boundaries: distinct(inner(bins).map((share) => least + share * (most - least))) };
    },
  };
}

export const bucketizeOp = defineOp({
  name: "bucketize",
  about:
    "The bucket between boundaries, from 0: below the first boundary, from it to the next, and so on; NaN goes to the last.",
  takes: "numbers",
  gives: "int64",
  options: z.strictObject({
    boundaries: z
      .array(z.number())
      .min(1)
      .optional()
      .describe("Fitted: rising numbers; a value that equals one lies above it."),
    bins: z.int().min(2).default(10).describe("How many buckets fitting makes; fewer where many values are equal."),
    strategy: z
      .enum(["quantile", "uniform"])
      .default("quantile")
      .describe("Whether fitting makes buckets of as many values, or of the same width."),
  }),
  open: (inputs, { boundaries }) => {
    const type = oneNumeric(inputs);
    const given = boundaries!;
    const odd = given.findIndex((value, i) => i > 0 && !(value > given[i - 1]!));
    if (odd > 0) refuse(`expected rising numbers; ${given[odd]} comes after ${given[odd - 1]}`, "boundaries");
    // A float32 is held against what the boundary is as a float32: 0.7 is to lie above the boundary 0.7.
    const bounds = Float64Array.from(given, type.dtype === "float32" ? Math.fround : Number);
    return {
      types: [{ dtype: "int64", row: type.row, ids: bounds.length + 1 }],
      run: ([column]) => {
        const from = numbersOf(column);
        const values = new Int32Array(from.length);
        for (let i = 0; i < from.length; i++) values[i] = bucketOf(from[i]!, bounds);
        return [{ dtype: "int64", row: column!.row, values }];
      },
    };
  },
  fitting: {
    options: ["boundaries"],
    missing: (options) => absent(options, "boundaries"),
    start: (inputs, { bins, strategy }) => {
      oneNumeric(inputs);
      return fitBoundaries(bins, strategy);
    },
  },
});
