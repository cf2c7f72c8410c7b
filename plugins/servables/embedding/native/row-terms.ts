import type { Matrix } from "../table/matrix.js";
import { createRowReader } from "../table/rows.js";
import type { Metric } from "../table/scan.js";

/** What products of queries with stored rows are turned into nearness by, for the rows from one to another. */
export type RowTerms = {
  /** What the product with each row is multiplied by; 1 when absent. */
  readonly factors?: Float32Array<ArrayBuffer>;
  /** What is added then; 0 when absent. */
  readonly offsets?: Float32Array<ArrayBuffer>;
  /** Of rows that are not zeros, Infinity and 0 where there are none; NaN where a row is no number. */
  readonly shortest: number;
  readonly longest: number;
};

/** Reads every row once, in float64. */
export function rowTerms(matrix: Matrix, metric: Metric, from: number, to: number): RowTerms {
  const { width, dtype, scales } = matrix;
  const reader = createRowReader(matrix);
  const scaleOf = (row: number) => (scales ? scales[scales.length === 1 ? 0 : row]! : 1);
  const factors = metric === "cosine" || dtype === "int8" ? new Float32Array(to - from) : undefined;
  const offsets = metric === "l2" ? new Float32Array(to - from) : undefined;
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  for (let row = from; row < to; row++) {
    const at = reader.seek(row);
    const { numbers } = reader;
    let squares = 0;
    for (let i = at; i < at + width; i++) squares += numbers[i]! * numbers[i]!;
    const length = Math.sqrt(squares);
    // Once NaN, always NaN.
    longest = Math.max(longest, length);
    if (length > 0) shortest = Math.min(shortest, length);
    const scale = dtype === "int8" ? scaleOf(row) : 1;
    if (factors) factors[row - from] = metric !== "cosine" ? scale : length > 0 ? scale / length : 0;
    if (offsets) offsets[row - from] = -squares;
  }
  return { ...(factors ? { factors } : {}), ...(offsets ? { offsets } : {}), shortest, longest };
}

function joined(parts: readonly (Float32Array | undefined)[], rows: number): Float32Array<ArrayBuffer> | undefined {
  const whole = new Float32Array(rows);
  let at = 0;
  for (const part of parts) {
    if (!part) return undefined;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The terms of parts of a table, in order, as those of the whole. */
export function joinTerms(parts: readonly RowTerms[], rows: number): RowTerms {
  const factors = joined(
    parts.map((part) => part.factors),
    rows,
  );
  const offsets = joined(
    parts.map((part) => part.offsets),
    rows,
  );
  return {
    ...(factors ? { factors } : {}),
    ...(offsets ? { offsets } : {}),
    shortest: Math.min(...parts.map(({ shortest }) => shortest)),
    longest: Math.max(...parts.map(({ longest }) => longest)),
  };
}
