import { float16Values } from "../../../../formats/float16/float16.js";
import type { Matrix } from "./matrix.js";

/** Reads one row after another as float32. */
export interface RowReader {
  /** Where the row found last lies: in the table itself, or decoded. Not to be changed. */
  readonly numbers: Float32Array;
  /** Finds a row, -1 for the vector of those that are not there; returns where it begins in `numbers`. */
  seek(row: number): number;
}

type Decode = (segment: never, at: number, row: number, into: Float32Array) => void;

function decoderOf({ dtype, scales }: Matrix): Decode {
  if (dtype === "int8") {
    const each = scales ?? Float32Array.of(1);
    return (segment: Int8Array, at, row, into) => {
      const scale = each[each.length === 1 ? 0 : row]!;
      for (let i = 0; i < into.length; i++) into[i] = segment[at + i]! * scale;
    };
  }
  if (dtype === "float16") {
    const values = float16Values();
    return (segment: Uint16Array, at, _row, into) => {
      for (let i = 0; i < into.length; i++) into[i] = values[segment[at + i]!]!;
    };
  }
  let [numbers, bits]: [Float32Array, Uint32Array] = [new Float32Array(0), new Uint32Array(0)];
  return (segment: Uint16Array, at, _row, into) => {
    if (numbers !== into) [numbers, bits] = [into, new Uint32Array(into.buffer, into.byteOffset, into.length)];
    // A bfloat16 is the upper half of a float32.
    for (let i = 0; i < bits.length; i++) bits[i] = segment[at + i]! << 16;
  };
}

export function createRowReader(matrix: Matrix): RowReader {
  const { width, shift, segments, dtype } = matrix;
  const fallback = matrix.fallback ?? new Float32Array(width);
  const mask = shift === 31 ? 0x7fffffff : 2 ** shift - 1;
  if (dtype === "float32") {
    const reader = {
      numbers: fallback,
      seek: (row: number): number => {
        if (row < 0) {
          reader.numbers = fallback;
          return 0;
        }
        reader.numbers = segments[row >>> shift] as Float32Array;
        return (row & mask) * width;
      },
    };
    return reader;
  }
  const decode = decoderOf(matrix);
  const decoded = new Float32Array(width);
  return {
    numbers: decoded,
    seek: (row) => {
      if (row < 0) decoded.set(fallback);
      else decode(segments[row >>> shift] as never, (row & mask) * width, row, decoded);
      return 0;
    },
  };
}
