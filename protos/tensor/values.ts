import {
  bytesOf,
  layouts,
  type NumericArray,
  type NumericDType,
  type RequestMemory,
  viewBytes,
} from "../../core/index.js";
import { createReader, readVarint } from "../wire/reader.js";
import type { Encoding } from "./fields.js";
import type { Runs } from "./runs.js";

function copyFixed(message: Uint8Array, { places }: Runs, into: NumericArray): void {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  let at = 0;
  for (let i = 0; i < places.length && at < bytes.length; i += 2) {
    const start = places[i]!;
    const end = Math.min(places[i + 1]!, start + bytes.length - at);
    bytes.set(message.subarray(start, end), at);
    at += end - start;
  }
}

function readVarints(message: Uint8Array, { places }: Runs, encoding: Encoding, into: NumericArray): void {
  // Pairs of 32-bit words: no bigint is made.
  const words = encoding === "varint64" ? new Uint32Array(into.buffer, into.byteOffset, into.length * 2) : undefined;
  const bool = encoding === "bool";
  const { length } = into;
  let at = 0;
  for (let i = 0; i < places.length; i += 2) {
    const end = places[i + 1]!;
    // A run ends with a whole number.
    for (let pos = places[i]!; pos < end && at < length; at++) {
      const start = pos;
      let low = message[pos++]!;
      let high = 0;
      if (low > 0x7f) {
        let byte = message[pos++]!;
        low = (low & 0x7f) | ((byte & 0x7f) << 7);
        for (let shift = 14; byte > 0x7f && shift < 28; shift += 7) {
          byte = message[pos++]!;
          low |= (byte & 0x7f) << shift;
        }
        if (byte > 0x7f) {
          const reader = createReader(message, start, end);
          low = readVarint(reader);
          high = reader.high;
          pos = reader.pos;
        }
      }
      if (words !== undefined) {
        words[2 * at] = low;
        words[2 * at + 1] = high;
      } else if (bool) into[at] = (low | high) !== 0 ? 1 : 0;
      else into[at] = low;
    }
  }
}

/** Bytes as elements of this type: a view where they are aligned for it, else a copy in `memory`. */
export function placed(dtype: NumericDType, bytes: Uint8Array, memory: RequestMemory): NumericArray {
  if (bytes.byteOffset % layouts[dtype].array.BYTES_PER_ELEMENT === 0) return viewBytes(dtype, bytes);
  const copy = memory.take(bytes.length);
  copy.set(bytes);
  return viewBytes(dtype, copy);
}

/**
 * The values in `runs` as `count` elements: a view where one packed list of plain numbers holds them and is aligned, else in `memory`.
 * Values beyond `count` are left out; where there are too few the last one is repeated, and none means zeros.
 */
export function readValues(
  message: Uint8Array,
  dtype: NumericDType,
  encoding: Encoding,
  runs: Runs,
  count: number,
  memory: RequestMemory,
): NumericArray {
  const { items, bytes } = layouts[dtype];
  const raw = encoding === "fixed" || encoding === "bytes";
  const have = Math.min(count, Math.floor(runs.items / items));
  if (raw && have === count && runs.places.length === 2) {
    const start = runs.places[0]!;
    return placed(dtype, message.subarray(start, start + count * bytes), memory);
  }
  const data: NumericArray = viewBytes(dtype, memory.take(count * bytes));
  const filled = data.subarray(0, have * items);
  if (raw) copyFixed(message, runs, filled);
  else readVarints(message, runs, encoding, filled);
  if (have === 0) bytesOf(data).fill(0);
  else for (let i = have * items; i < data.length; i++) data[i] = data[i - items]!;
  return data;
}

const nothing = new Uint8Array();

/** The same for strings: each is a view, and repeated ones are the same view. */
export function readStrings(message: Uint8Array, { places, items }: Runs, count: number): readonly Uint8Array[] {
  const data = new Array<Uint8Array>(count);
  let last: Uint8Array = nothing;
  for (let i = 0; i < count; i++) {
    if (i < items) {
      const start = places[2 * i]!;
      const end = places[2 * i + 1]!;
      last = start === end ? nothing : message.subarray(start, end);
    }
    data[i] = last;
  }
  return data;
}
