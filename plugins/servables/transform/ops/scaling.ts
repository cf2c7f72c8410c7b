import { z } from "zod";
import { type ColumnType, floatOf, floats, numbersOf } from "../column.js";
import { createMoments } from "../fit/moments.js";
import { fitFeatures } from "../fit/per-feature.js";
import { createQuantiles } from "../fit/quantiles.js";
import { absent } from "./absent.js";
import { featuresOf, oneNumeric } from "./expect.js";
import { defineOp, type Kernel, type Opened, refuse } from "./op.js";
import { notNegative, perFeature, spread } from "./values.js";

type Scale = {
  readonly center: Float64Array;
  readonly divisor: Float64Array;
  /** Then by this, and this is added. */
  readonly factor?: number;
  readonly shift?: number;
  readonly least?: number;
  readonly most?: number;
};

/** (x - center) / divisor * factor + shift, each feature by its own. A divisor of 0, of a constant feature, counts as 1. */
function scaling(type: ColumnType, scale: Scale): Opened {
  const { center, factor = 1, shift = 0, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = scale;
  const divisor = scale.divisor.map((each) => (each === 0 ? 1 : each));
  const dtype = floatOf(type);
  const plain = factor === 1 && shift === 0 && scale.least === undefined;
  const run: Kernel = ([column]) => {
    const from = numbersOf(column);
    const values = floats(dtype, from.length);
    const features = center.length;
    for (let at = 0, j = 0; at < from.length; at++) {
      const scaled = (from[at]! - center[j]!) / divisor[j]!;
      values[at] = plain ? scaled : Math.min(most, Math.max(least, scaled * factor + shift));
      if (++j === features) j = 0;
    }
    return [{ dtype, row: column!.row, values }];
  };
  return { types: [{ dtype, row: type.row }], run };
}

export const standardizeOp = defineOp({
  name: "standardize",
  about: "(x - mean) / std, each feature by its own; a std of 0 counts as 1.",
  takes: "numbers",
  gives: "float",
  options: z.strictObject({
    mean: perFeature().optional().describe("Fitted: the mean."),
    std: perFeature().optional().describe("Fitted: the standard deviation, of the population."),
  }),
  open: (inputs, { mean, std }) => {
    const type = oneNumeric(inputs);
    const features = featuresOf(type);
    const divisor = notNegative(spread(std!, features, "std"), "std");
    return scaling(type, { center: spread(mean!, features, "mean"), divisor });
  },
  fitting: {
    options: ["mean", "std"],
    missing: (options) => absent(options, "mean", "std"),
    start: (inputs) =>
      fitFeatures(oneNumeric(inputs), createMoments, ["mean", "std"], ({ mean, variance }) => [
        mean,
        Math.sqrt(variance),
      ]),
  },
});

export const minMaxOp = defineOp({
  name: "min-max",
  about:
    "Scales what lies between min and max to range, each feature by its own; a constant feature goes to range's start.",
  takes: "numbers",
  gives: "float",
  options: z.strictObject({
    min: perFeature().optional().describe("Fitted: the least value."),
    max: perFeature().optional().describe("Fitted: the greatest value."),
    range: z.tuple([z.number(), z.number()]).default([0, 1]).describe("Where min and max go."),
    clip: z.boolean().default(false).describe("Whether values outside of min and max stay inside of range."),
  }),
  open: (inputs, { min, max, range: [low, high], clip }) => {
    const type = oneNumeric(inputs);
    const features = featuresOf(type);
    if (!(low < high)) refuse(`expected two rising numbers, got [${low}, ${high}]`, "range");
    const center = spread(min!, features, "min");
    const top = spread(max!, features, "max");
    const odd = top.findIndex((value, i) => value < center[i]!);
    if (odd >= 0) refuse(`max ${top[odd]} is below min ${center[odd]}`, "max");
    const divisor = top.map((value, i) => value - center[i]!);
    return scaling(type, {
      center,
      divisor,
      factor: high - low,
      shift: low,
      ...(clip ? { least: low, most: high } : {}),
    });
  },
  fitting: {
    options: ["min", "max"],
    missing: (options) => absent(options, "min", "max"),
    start: (inputs) =>
      fitFeatures(oneNumeric(inputs), createMoments, ["min", "max"], ({ least, most }) => [least, most]),
  },
});

export const robustOp = defineOp({
  name: "robust",
  about: "(x - center) / scale with values that outliers do not move; a scale of 0 counts as 1.",
  takes: "numbers",
  gives: "float",
  options: z.strictObject({
    center: perFeature().optional().describe("Fitted: the median."),
    scale: perFeature().optional().describe("Fitted: the distance between the two quantiles."),
    quantiles: z
      .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
      .default([0.25, 0.75])
      .describe("Which quantiles fitting takes for scale."),
  }),
  open: (inputs, { center, scale }) => {
    const type = oneNumeric(inputs);
    const features = featuresOf(type);
    const divisor = notNegative(spread(scale!, features, "scale"), "scale");
    return scaling(type, { center: spread(center!, features, "center"), divisor });
  },
  fitting: {
    options: ["center", "scale"],
    missing: (options) => absent(options, "center", "scale"),
    start: (inputs, { quantiles: [low, high] }) =>
      fitFeatures(oneNumeric(inputs), createQuantiles, ["center", "scale"], (at) => [at(0.5), at(high) - at(low)]),
  },
});
