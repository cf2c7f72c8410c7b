import type { Matrix } from "./matrix.js";
import { createRowReader } from "./rows.js";

/** Memory that is not zeroed first, where there is enough of it to matter: every byte of it will be written. */
export const room = (length: number): Float32Array<ArrayBuffer> =>
  length < 1024 ? new Float32Array(length) : new Float32Array(Buffer.allocUnsafeSlow(4 * length).buffer as ArrayBuffer);

/** The rows one behind the other; -1 stands for a row that is not there. */
export function gather(matrix: Matrix, rows: Int32Array): Float32Array<ArrayBuffer> {
  const { width, dtype, shift, segments } = matrix;
  const out = room(rows.length * width);
  const plain = dtype === "float32" && shift === 31 && width % 2 === 0;
  if (plain) gatherPairs(segments[0] as Float32Array, matrix.fallback, rows, width, out);
  else gatherAny(matrix, rows, out);
  return out;
}

function gatherAny(matrix: Matrix, rows: Int32Array, out: Float32Array): void {
  const { width } = matrix;
  const reader = createRowReader(matrix);
  let to = 0;
  for (const row of rows) {
    let from = reader.seek(row);
    const { numbers } = reader;
    for (const end = to + width; to < end; ) out[to++] = numbers[from++]!;
  }
}

/** Rows whose cache lines are all asked for before the first of them is copied: the memory answers many at once. */
const AHEAD = 16;
/** Pairs of float32 that lie in one cache line. */
const LINE = 8;

/**
 * Two float32 at a time, as the bits of a float64, which takes half the steps. What a pair cannot survive is to be a NaN
 * of float64, whose bits JavaScript may change: its upper half is then a NaN of float32, and stays one.
 */
function gatherPairs(
  table: Float32Array,
  fallback: Float32Array | undefined,
  rows: Int32Array,
  width: number,
  out: Float32Array,
): void {
  const half = width / 2;
  const from = new Float64Array(table.buffer, table.byteOffset, table.length / 2);
  const into = new Float64Array(out.buffer, out.byteOffset, out.length / 2);
  const missing = fallback ?? new Float32Array(width);
  for (let first = 0; first < rows.length; first += AHEAD) {
    const end = Math.min(rows.length, first + AHEAD);
    for (let i = first; i < end; i++) {
      const at = rows[i]! * half;
      if (at >= 0) for (let d = 0; d < half; d += LINE) into[i * half + d] = from[at + d]!;
    }
    for (let i = first; i < end; i++) {
      const at = rows[i]! * half;
      if (at < 0) out.set(missing, i * width);
      else copyPairs(from, at, into, i * half, half);
    }
  }
}

function copyPairs(from: Float64Array, start: number, into: Float64Array, place: number, count: number): void {
  let [at, to] = [start, place];
  for (const end = at + (count % LINE); at < end; ) into[to++] = from[at++]!;
  for (const end = start + count; at < end; at += LINE, to += LINE) {
    into[to] = from[at]!;
    into[to + 1] = from[at + 1]!;
    into[to + 2] = from[at + 2]!;
    into[to + 3] = from[at + 3]!;
    into[to + 4] = from[at + 4]!;
    into[to + 5] = from[at + 5]!;
    into[to + 6] = from[at + 6]!;
    into[to + 7] = from[at + 7]!;
  }
}
