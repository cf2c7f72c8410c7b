import { z } from "zod";
import { refuse } from "./op.js";

/** A number for all features, or one for each feature of a list. */
export const perFeature = () =>
  z.union([z.number(), z.array(z.number())], { error: "expected a number, or a list of one a feature" });

export type PerFeature = number | readonly number[];

/** One number for each of `features`. @throws StepProblem when there are not as many */
export function spread(values: PerFeature, features: number, option: string): Float64Array {
  if (typeof values === "number") return new Float64Array(features).fill(values);
  if (values.length !== features) {
    refuse(`expected ${features} values, one a feature, got ${values.length}`, option);
  }
  return Float64Array.from(values);
}

/** What things are divided by, or 0 for those that never change. @throws StepProblem for one below 0 */
export function notNegative(values: Float64Array, option: string): Float64Array {
  const odd = values.find((value) => value < 0);
  return odd === undefined ? values : refuse(`expected numbers of 0 or more, got ${odd}`, option);
}

/** As the file has it: a plain number for columns of one value a row. */
export const gathered = (row: readonly number[], values: readonly number[]): PerFeature =>
  row.length === 0 ? values[0]! : values;

export const count = () =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1);
