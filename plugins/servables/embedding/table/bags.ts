import type { Matrix } from "./matrix.js";
import { createRowReader } from "./rows.js";

export const combiners = ["sum", "mean", "sqrtn"] as const;
export type Combiner = (typeof combiners)[number];

export type Bags = {
  /** -1 for one that is not there, which counts with the vector that stands for it. */
  readonly rows: Int32Array;
  /** Bag `i` has the rows from `splits[i]` to `splits[i + 1]`. */
  readonly splits: Int32Array;
  /** One a row; each counts 1 when absent. */
  readonly weights?: Float32Array;
  readonly combiner: Combiner;
};

/**
 * One vector a bag: the weighted sum; for `mean` over the sum of the weights, for `sqrtn` over the root of the sum of
 * their squares. A bag of nothing, or of weights that come to nothing, is zeros. Added up in float64.
 */
export function combine(matrix: Matrix, { rows, splits, weights, combiner }: Bags): Float32Array<ArrayBuffer> {
  const { width } = matrix;
  const count = splits.length - 1;
  const out = new Float32Array(count * width);
  const sum = new Float64Array(width);
  const reader = createRowReader(matrix);
  for (let bag = 0; bag < count; bag++) {
    sum.fill(0);
    let total = 0;
    for (let i = splits[bag]!; i < splits[bag + 1]!; i++) {
      const weight = weights ? weights[i]! : 1;
      const at = reader.seek(rows[i]!);
      const { numbers } = reader;
      for (let d = 0; d < width; d++) sum[d]! += weight * numbers[at + d]!;
      total += combiner === "sqrtn" ? weight * weight : weight;
    }
    const divisor = combiner === "sum" ? 1 : combiner === "mean" ? total : Math.sqrt(total);
    if (divisor === 0) continue;
    for (let d = 0, to = bag * width; d < width; d++) out[to++] = sum[d]! / divisor;
  }
  return out;
}
