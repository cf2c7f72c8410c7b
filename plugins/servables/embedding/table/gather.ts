import type { Matrix } from "./matrix.js";
import { createRowReader } from "./rows.js";

/** Memory that is not zeroed first, where there is enough of it to matter: every byte of it will be written. */
const room = (length: number): Float32Array<ArrayBuffer> =>
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
  const odd = half % 4;
  for (let i = 0, to = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row < 0) {
      out.set(missing, 2 * to);
      to += half;
      continue;
    }
    let at = row * half;
    for (const end = at + odd; at < end; ) into[to++] = from[at++]!;
    for (const end = at + half - odd; at < end; at += 4, to += 4) {
      into[to] = from[at]!;
      into[to + 1] = from[at + 1]!;
      into[to + 2] = from[at + 2]!;
      into[to + 3] = from[at + 3]!;
    }
  }
}
