import type { Matrix } from "./matrix.js";
import { createRowReader } from "./rows.js";
import { createTopK, type Ranked } from "./top-k.js";

export type Metric = "cosine" | "dot" | "l2";

export type Search = {
  /** Row-major, `width` numbers each. */
  readonly queries: Float32Array;
  readonly k: number;
  readonly metric: Metric;
};

/**
 * How near rows are to queries, the more the nearer: cosine, dot product, or the squared distance below zero. Computed in
 * float64. The cosine with a vector of zeros is 0.
 */
interface Nearness {
  /** The row that is compared from now on. */
  look(numbers: Float32Array, at: number): void;
  to(query: number): number;
}

function dot(a: Float32Array, at: number, b: Float32Array, from: number, width: number): number {
  let [s, t, u, v, i] = [0, 0, 0, 0, 0];
  for (const end = width - 3; i < end; i += 4) {
    s += a[at + i]! * b[from + i]!;
    t += a[at + i + 1]! * b[from + i + 1]!;
    u += a[at + i + 2]! * b[from + i + 2]!;
    v += a[at + i + 3]! * b[from + i + 3]!;
  }
  for (; i < width; i++) s += a[at + i]! * b[from + i]!;
  return s + t + (u + v);
}

function squaredDistance(a: Float32Array, at: number, b: Float32Array, from: number, width: number): number {
  let [s, t, i] = [0, 0, 0];
  for (const end = width - 1; i < end; i += 2) {
    const [d, e] = [a[at + i]! - b[from + i]!, a[at + i + 1]! - b[from + i + 1]!];
    s += d * d;
    t += e * e;
  }
  if (i < width) s += (a[at + i]! - b[from + i]!) ** 2;
  return s + t;
}

function nearnessOf({ queries, metric }: Search, width: number): Nearness {
  let [numbers, at, length]: [Float32Array, number, number] = [queries, 0, 0];
  const look = (from: Float32Array, start: number) => {
    [numbers, at] = [from, start];
  };
  if (metric === "dot") return { look, to: (query) => dot(numbers, at, queries, query * width, width) };
  if (metric === "l2") return { look, to: (query) => -squaredDistance(numbers, at, queries, query * width, width) };
  const lengthAt = (from: Float32Array, start: number) => Math.sqrt(dot(from, start, from, start, width));
  const lengths = Float64Array.from({ length: queries.length / width }, (_, i) => lengthAt(queries, i * width));
  return {
    look: (from, start) => {
      look(from, start);
      length = lengthAt(from, start);
    },
    to: (query) => {
      const both = length * lengths[query]!;
      return both === 0 ? 0 : dot(numbers, at, queries, query * width, width) / both;
    },
  };
}

/** Compares every row from `from` to `to` with every query. */
export function scan(matrix: Matrix, search: Search, from: number, to: number): Ranked[] {
  const { width } = matrix;
  const reader = createRowReader(matrix);
  const nearness = nearnessOf(search, width);
  const tops = Array.from({ length: search.queries.length / width }, () => createTopK(Math.min(search.k, to - from)));
  for (let row = from; row < to; row++) {
    const at = reader.seek(row);
    nearness.look(reader.numbers, at);
    for (let query = 0; query < tops.length; query++) {
      const top = tops[query]!;
      const score = nearness.to(query);
      if (!(score <= top.bar)) top.offer(row, score);
    }
  }
  return tops.map((top) => top.ranked());
}

/** Compares some rows, `rows[query]`, with each query. */
export function rescore(matrix: Matrix, search: Search, candidates: readonly Int32Array[]): Ranked[] {
  const reader = createRowReader(matrix);
  const nearness = nearnessOf(search, matrix.width);
  return candidates.map((rows, query) => {
    const top = createTopK(Math.min(search.k, rows.length));
    for (const row of rows) {
      const at = reader.seek(row);
      nearness.look(reader.numbers, at);
      top.offer(row, nearness.to(query));
    }
    return top.ranked();
  });
}
