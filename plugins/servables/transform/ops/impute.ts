import { z } from "zod";
import {
  type Column,
  type ColumnType,
  columnOfTexts,
  describeType,
  isFloat,
  isNumeric,
  type NumberColumn,
  numbersOf,
  setterOf,
  textsOf,
} from "../column.js";
import { createFrequencies } from "../fit/frequencies.js";
import { createMoments, NO_NUMBERS, type Statistic } from "../fit/moments.js";
import { fitFeatures } from "../fit/per-feature.js";
import { createQuantiles } from "../fit/quantiles.js";
import { bytesOfText } from "../text.js";
import { absent } from "./absent.js";
import { featuresOf, one } from "./expect.js";
import { type Accumulator, defineOp, type Opened, refuse, StepProblem } from "./op.js";
import { type PerFeature, spread } from "./values.js";

type Missing = string | number | undefined;
type Value = string | PerFeature;

/** The most frequent number, the least of several: what scikit-learn takes. */
function createMode(): Statistic<number> {
  const counts = new Map<number, number>();
  return {
    add: (value) => {
      if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
    },
    finish: () => {
      const [first] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
      if (!first) throw new StepProblem(NO_NUMBERS);
      return first[0];
    },
  };
}

function fillNumbers(type: ColumnType, value: Value, missing: Missing): Opened {
  if (typeof value === "string") refuse(`expected numbers for ${describeType(type)}, got "${value}"`, "value");
  if (typeof missing === "string") refuse(`expected a number for ${describeType(type)}, got "${missing}"`, "missing");
  if (missing === undefined && !isFloat(type))
    refuse(`${describeType(type)} has no NaN: say which number is missing`, "missing");
  const fill = spread(value, featuresOf(type), "value");
  const odd = isFloat(type) ? undefined : fill.find((each) => !Number.isInteger(each));
  if (odd !== undefined) refuse(`expected whole numbers for ${describeType(type)}, got ${odd}`, "value");
  const isMissing = missing === undefined ? Number.isNaN : (x: number) => x === missing;
  return {
    types: [{ dtype: type.dtype, row: type.row }],
    run: ([column]) => {
      const { dtype, row, values: given } = column as NumberColumn;
      const values = given.slice();
      const put = setterOf(values);
      const compared = numbersOf(column);
      for (let at = 0, j = 0; at < values.length; at++) {
        if (isMissing(compared[at]!)) put(at, fill[j]!);
        if (++j === fill.length) j = 0;
      }
      return [{ dtype, row, values }];
    },
  };
}

function fillTexts(type: ColumnType, value: Value, missing: Missing = ""): Opened {
  if (typeof value !== "string") refuse(`expected a string for ${describeType(type)}, got ${value}`, "value");
  if (typeof missing !== "string") refuse(`expected a string for ${describeType(type)}, got ${missing}`, "missing");
  return {
    types: [{ dtype: "string", row: type.row }],
    run: ([column]) => [
      columnOfTexts(
        textsOf(column).map((text) => (text === missing ? value : text)),
        column!.row,
      ),
    ],
  };
}

type Strategy = "mean" | "median" | "most-frequent" | "constant";

/** The data without what stands for nothing, so that it does not count. */
function without(missing: Missing, accumulator: Accumulator): Accumulator {
  if (missing === undefined) return accumulator;
  return {
    add: ([column]) => {
      const { dtype, row } = column as NumberColumn;
      const values = Float64Array.from(numbersOf(column), (value) => (value === missing ? Number.NaN : value));
      accumulator.add([{ dtype, row, values } as Column]);
    },
    finish: accumulator.finish,
  };
}

function fitNumbers(type: ColumnType, strategy: Strategy, missing: Missing): Accumulator {
  const whole = (value: number) => (isFloat(type) ? value : Math.round(value));
  if (strategy === "mean")
    return without(
      missing,
      fitFeatures(type, createMoments, ["value"], ({ mean }) => [whole(mean)]),
    );
  if (strategy === "median") {
    return without(
      missing,
      fitFeatures(type, createQuantiles, ["value"], (at) => [whole(at(0.5))]),
    );
  }
  return without(
    missing,
    fitFeatures(type, createMode, ["value"], (mode) => [mode]),
  );
}

function fitTexts(missing: Missing = ""): Accumulator {
  const frequencies = createFrequencies();
  return {
    add: ([column]) => {
      for (const text of textsOf(column)) frequencies.add(bytesOfText(text));
    },
    finish: () => ({ value: frequencies.ranked({ limit: 1, minCount: 1, without: [String(missing)] })[0]! }),
  };
}

export const imputeOp = defineOp({
  name: "impute",
  about: "A value for what is missing: for NaN, for an empty string, or for the value that missing names.",
  takes: "numbers or strings",
  gives: "the same dtype",
  options: z.strictObject({
    strategy: z
      .enum(["mean", "median", "most-frequent", "constant"])
      .describe("Which value fitting takes; constant is never fitted."),
    value: z
      .union([z.string(), z.number(), z.array(z.number())], {
        error: "expected a number, a string, or a number a feature",
      })
      .optional()
      .describe("Fitted: what stands in for the missing."),
    missing: z
      .union([z.string(), z.number()], { error: "expected a number or a string" })
      .optional()
      .describe("What counts as missing; NaN in floats and the empty string when absent."),
  }),
  open: (inputs, { strategy, value, missing }) => {
    const type = one(inputs);
    if (type.dtype === "bool") refuse("a bool is never missing");
    if (value === undefined) refuse("missing: the constant", "value");
    if (!isNumeric(type) && (strategy === "mean" || strategy === "median"))
      refuse(`strings have no ${strategy}`, "strategy");
    return isNumeric(type) ? fillNumbers(type, value, missing) : fillTexts(type, value, missing);
  },
  fitting: {
    options: ["value"],
    missing: (options) => (options.strategy === "constant" ? [] : absent(options, "value")),
    start: (inputs, { strategy, missing }) => {
      const type = one(inputs);
      return isNumeric(type) ? fitNumbers(type, strategy, missing) : fitTexts(missing);
    },
  },
});
