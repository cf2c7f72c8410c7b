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

/** The same bags in at most `parts` parts, in order, each with items of its own. There is at least one bag. */
export function divideBags({ rows, splits, weights, combiner }: Bags, parts: number): Bags[] {
  const count = splits.length - 1;
  const share = Math.ceil(count / parts);
  return Array.from({ length: Math.ceil(count / share) }, (_, i) => {
    const ends = splits.subarray(i * share, Math.min(count, (i + 1) * share) + 1);
    const [from, to] = [ends[0]!, ends.at(-1)!];
    const some = { rows: rows.slice(from, to), splits: ends.map((end) => end - from), combiner };
    return weights ? { ...some, weights: weights.slice(from, to) } : some;
  });
}

/** Rows that are decoded before they are added up, so that both stay in the nearest cache. */
const DECODED = 32;
const FIRST = Int32Array.from({ length: DECODED }, (_, i) => i);

/**
 * One vector a bag: the weighted sum; for `mean` over the sum of the weights, for `sqrtn` over the root of the sum of
 * their squares. A bag of nothing, or of weights that come to nothing, is zeros. Added up in float64.
 */
export function combine(matrix: Matrix, { rows, splits, weights, combiner }: Bags): Float32Array<ArrayBuffer> {
  const { width } = matrix;
  const count = splits.length - 1;
  const out = new Float32Array(count * width);
  const sum = new Float64Array(width);
  const add = adderOf(matrix, rows, weights, sum);
  for (let bag = 0; bag < count; bag++) {
    const [from, to] = [splits[bag]!, splits[bag + 1]!];
    const divisor = divisorOf(weights, from, to, combiner);
    if (divisor === 0) continue;
    sum.fill(0);
    add(from, to);
    for (let d = 0, at = bag * width; d < width; d++) out[at++] = sum[d]! / divisor;
  }
  return out;
}

/** What the weighted sum of a bag is divided by; 0 for one that counts for nothing. */
export function divisorOf(weights: Float32Array | undefined, from: number, to: number, combiner: Combiner): number {
  if (combiner === "sum") return 1;
  if (!weights) return combiner === "sqrtn" ? Math.sqrt(to - from) : to - from;
  let total = 0;
  for (let i = from; i < to; i++) total += combiner === "sqrtn" ? weights[i]! * weights[i]! : weights[i]!;
  return combiner === "sqrtn" ? Math.sqrt(total) : total;
}

/** Adds the items from one place to another to `sum`: where the table has them, or decoded some at a time. */
function adderOf(matrix: Matrix, rows: Int32Array, weights: Float32Array | undefined, sum: Float64Array) {
  const { width, dtype, shift, segments } = matrix;
  let room: Float32Array | undefined;
  const reader = createRowReader(matrix);
  const addDecoded = (from: number, to: number) => {
    room ??= new Float32Array(DECODED * width);
    const decoded = room;
    for (let start = from; start < to; start += DECODED) {
      const count = Math.min(DECODED, to - start);
      for (let i = 0; i < count; i++) {
        const at = reader.seek(rows[start + i]!);
        decoded.set(reader.numbers.subarray(at, at + width), i * width);
      }
      addRows(sum, decoded, FIRST, weights?.subarray(start, start + count), 0, count);
    }
  };
  if (dtype !== "float32" || shift !== 31) return addDecoded;
  const table = segments[0] as Float32Array;
  return (from: number, to: number) => {
    for (let i = from; i < to; i++) if (rows[i]! < 0) return addDecoded(from, to);
    addRows(sum, table, rows, weights, from, to);
  };
}

/** Adds rows of `numbers` to `sum`. Eight columns at a time are in registers while all the rows pass by. */
function addRows(
  sum: Float64Array,
  numbers: Float32Array,
  rows: Int32Array,
  weights: Float32Array | undefined,
  from: number,
  to: number,
): void {
  const even = sum.length - (sum.length % 8);
  if (weights) addWeighted(sum, numbers, rows, weights, from, to, even);
  else addPlain(sum, numbers, rows, from, to, even);
  for (let d = even; d < sum.length; d++) {
    let a = sum[d]!;
    for (let i = from; i < to; i++) a += (weights ? weights[i]! : 1) * numbers[rows[i]! * sum.length + d]!;
    sum[d] = a;
  }
}

function addWeighted(
  sum: Float64Array,
  numbers: Float32Array,
  rows: Int32Array,
  weights: Float32Array,
  from: number,
  to: number,
  columns: number,
): void {
  const width = sum.length;
  for (let d = 0; d < columns; d += 8) {
    let a = sum[d]!;
    let b = sum[d + 1]!;
    let c = sum[d + 2]!;
    let e = sum[d + 3]!;
    let f = sum[d + 4]!;
    let g = sum[d + 5]!;
    let h = sum[d + 6]!;
    let j = sum[d + 7]!;
    for (let i = from; i < to; i++) {
      const at = rows[i]! * width + d;
      const weight = weights[i]!;
      a += weight * numbers[at]!;
      b += weight * numbers[at + 1]!;
      c += weight * numbers[at + 2]!;
      e += weight * numbers[at + 3]!;
      f += weight * numbers[at + 4]!;
      g += weight * numbers[at + 5]!;
      h += weight * numbers[at + 6]!;
      j += weight * numbers[at + 7]!;
    }
    sum[d] = a;
    sum[d + 1] = b;
    sum[d + 2] = c;
    sum[d + 3] = e;
    sum[d + 4] = f;
    sum[d + 5] = g;
    sum[d + 6] = h;
    sum[d + 7] = j;
  }
}

/** `addWeighted` of weights that are all 1, in two thirds of its time. */
function addPlain(
  sum: Float64Array,
  numbers: Float32Array,
  rows: Int32Array,
  from: number,
  to: number,
  columns: number,
): void {
  const width = sum.length;
  for (let d = 0; d < columns; d += 8) {
    let a = sum[d]!;
    let b = sum[d + 1]!;
    let c = sum[d + 2]!;
    let e = sum[d + 3]!;
    let f = sum[d + 4]!;
    let g = sum[d + 5]!;
    let h = sum[d + 6]!;
    let j = sum[d + 7]!;
    for (let i = from; i < to; i++) {
      const at = rows[i]! * width + d;
      a += numbers[at]!;
      b += numbers[at + 1]!;
      c += numbers[at + 2]!;
      e += numbers[at + 3]!;
      f += numbers[at + 4]!;
      g += numbers[at + 5]!;
      h += numbers[at + 6]!;
      j += numbers[at + 7]!;
    }
    sum[d] = a;
    sum[d + 1] = b;
    sum[d + 2] = c;
    sum[d + 3] = e;
    sum[d + 4] = f;
    sum[d + 5] = g;
    sum[d + 6] = h;
    sum[d + 7] = j;
  }
}
