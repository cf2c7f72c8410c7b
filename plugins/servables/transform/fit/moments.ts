import { StepProblem } from "../ops/op.js";

/** One feature's values, taken in by columns. What is not a number is not counted. */
export interface Statistic<T> {
  /** Every `step`th value from `first` on. */
  add(values: ArrayLike<number>, first?: number, step?: number): void;
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
  let state = { count: 0, mean: 0, squares: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  return {
    add: (values, first = 0, step = 1) => {
      let { count, mean, squares, least, most } = state;
      for (let i = first; i < values.length; i += step) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        const apart = value - mean;
        mean += apart / ++count;
        squares += apart * (value - mean);
        if (value < least) least = value;
        if (value > most) most = value;
      }
      state = { count, mean, squares, least, most };
    },
    finish: () => {
      const { count, mean, squares, least, most } = state;
      if (count === 0) throw new StepProblem(NO_NUMBERS);
      return { mean, variance: squares / count, least, most };
    },
  };
}
