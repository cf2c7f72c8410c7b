import { StepProblem } from "../ops/op.js";

/** One feature's values, taken in one by one. What is not a number is not counted. */
export interface Statistic<T> {
  add(value: number): void;
  /** @throws StepProblem when there was no number */
  finish(): T;
}

export const NO_NUMBERS = "the data has no number here";

export type Moments = {
  readonly mean: number;
  /** Of the population. */
  readonly variance: number;
  readonly least: number;
  readonly most: number;
};

/** Mean and variance by Welford's recurrence, which keeps its digits whatever the size of the values is. */
export function createMoments(): Statistic<Moments> {
  let [count, mean, squares] = [0, 0, 0];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add: (value) => {
      if (Number.isNaN(value)) return;
      const apart = value - mean;
      mean += apart / ++count;
      squares += apart * (value - mean);
      if (value < least) least = value;
      if (value > most) most = value;
    },
    finish: () => {
      if (count === 0) throw new StepProblem(NO_NUMBERS);
      return { mean, variance: squares / count, least, most };
    },
  };
}
