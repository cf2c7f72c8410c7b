import { viewBytes } from "../../core/index.js";
import { type Reader, readBytes, readMessage, readTag, readVarint, skip, take } from "../wire/reader.js";
import { Tag } from "./fields.js";

// A list may come in several pieces, packed or not, in one message or in several that merge.

export function readBytesList(reader: Reader, into: Uint8Array[]): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === Tag.item) into.push(readBytes(reader));
    else skip(reader, tag);
  }
}

/** Appends the little-endian bytes of the floats, four each. */
export function readFloatList(reader: Reader, into: Uint8Array[]): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === Tag.item) {
      const packed = readMessage(reader);
      const start = take(packed, Math.floor((packed.end - packed.pos) / 4) * 4);
      into.push(reader.bytes.subarray(start, packed.pos));
      // What is left of a run of broken length is too short for a float, and says so.
      if (packed.pos < packed.end) take(packed, 4);
    } else if (tag === Tag.float) {
      const start = take(reader, 4);
      into.push(reader.bytes.subarray(start, start + 4));
    } else skip(reader, tag);
  }
}

export function floatsOf(pieces: readonly Uint8Array[]): Float32Array {
  return viewBytes("float32", pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
}

/** Integers being collected, as pairs of 32-bit words: no bigint is made. */
export type Integers = { words: Int32Array; count: number };

export const noIntegers = (): Integers => ({ words: new Int32Array(2), count: 0 });

function room(into: Integers, more: number): void {
  const wanted = (into.count + more) * 2;
  if (wanted <= into.words.length) return;
  // A first run fits exactly; lists in many pieces grow by doubling.
  const wider = new Int32Array(into.count === 0 ? wanted : Math.max(wanted, into.words.length * 2));
  wider.set(into.words.subarray(0, into.count * 2));
  into.words = wider;
}

function readInteger(reader: Reader, into: Integers): void {
  const at = into.count++ * 2;
  into.words[at] = readVarint(reader);
  into.words[at + 1] = reader.high;
}

/** Varints in these bytes: each ends with its only byte below 0x80. */
function countVarints({ bytes, pos, end }: Reader): number {
  let count = 0;
  for (let at = pos; at < end; at++) if (bytes[at]! < 0x80) count++;
  return count;
}

export function readInt64List(reader: Reader, into: Integers): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === Tag.item) {
      const packed = readMessage(reader);
      // One more for a run whose last number is cut off: reading it fails.
      room(into, countVarints(packed) + 1);
      while (packed.pos < packed.end) readInteger(packed, into);
    } else if (tag === Tag.int64) {
      room(into, 1);
      readInteger(reader, into);
    } else skip(reader, tag);
  }
}

export const int64sOf = ({ words, count }: Integers): BigInt64Array => new BigInt64Array(words.buffer, 0, count);
