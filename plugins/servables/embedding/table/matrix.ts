import { MOST_VIEWED, viewMemory } from "../../../runtimes/native/index.js";

/** The types that a table keeps its numbers in. */
export const storedTypes = ["float32", "float16", "bfloat16", "int8"] as const;
export type StoredType = (typeof storedTypes)[number];

export const storedBytes: Readonly<Record<StoredType, number>> = { float32: 4, float16: 2, bfloat16: 2, int8: 1 };

/** Memory that every thread of the process can look at: shared by JavaScript, or mapped, by its address. */
export type Memory = SharedArrayBuffer | { readonly address: bigint; readonly length: number };

/** A table as it can be posted to a thread. */
export type MatrixParts = {
  readonly dtype: StoredType;
  readonly rows: number;
  readonly width: number;
  readonly memory: Memory;
  /** What int8 numbers are multiplied by: one for all, or one a row. */
  readonly scales?: Float32Array;
  /** The vector of rows that are not there, -1; zeros when absent. */
  readonly fallback?: Float32Array;
};

export type Stored = Float32Array | Uint16Array | Int8Array;

/**
 * A table that this thread can read. Its memory is viewed in segments of `1 << shift` rows, for no view of native memory
 * is larger than `MOST_VIEWED`.
 */
export type Matrix = MatrixParts & { readonly segments: readonly Stored[]; readonly shift: number };

const arrays = { float32: Float32Array, float16: Uint16Array, bfloat16: Uint16Array, int8: Int8Array } as const;

export const storedView = (dtype: StoredType, memory: ArrayBufferLike): Stored =>
  new arrays[dtype](memory as ArrayBuffer);

/** The most rows, as powers of two, that one view holds; 31 where that is all that there can be. */
function shiftFor(rowBytes: number, rows: number): number {
  if (rowBytes * rows <= MOST_VIEWED) return 31;
  return Math.max(0, Math.floor(Math.log2(MOST_VIEWED / rowBytes)));
}

export function openMatrix(parts: MatrixParts): Matrix {
  const { dtype, rows, width, memory } = parts;
  if (memory instanceof SharedArrayBuffer) return { ...parts, segments: [storedView(dtype, memory)], shift: 31 };
  const rowBytes = width * storedBytes[dtype];
  const shift = shiftFor(rowBytes, rows);
  const bytes = shift === 31 ? memory.length : rowBytes * 2 ** shift;
  const segments: Stored[] = [];
  for (let at = 0; at < memory.length; at += bytes) {
    const length = Math.min(bytes, memory.length - at);
    segments.push(storedView(dtype, viewMemory(memory.address + BigInt(at), length)));
  }
  return { ...parts, segments, shift };
}
