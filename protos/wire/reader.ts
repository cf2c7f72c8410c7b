import { invalidArgument } from "../../core/index.js";

/** How a field's value lies in the message. https://protobuf.dev/programming-guides/encoding/ */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** What comes before a field's value. `wire` is one of `Wire`. */
export const tagOf = (field: number, wire: number) => ((field << 3) | wire) >>> 0;

/** A place in a message. Readers of nested messages share `bytes`, so `pos` counts from the outermost one's start. */
export type Reader = {
  readonly bytes: Uint8Array;
  readonly end: number;
  pos: number;
  /** The upper 32 bits of the varint read last. */
  high: number;
};

/** Reads the message in `bytes`, or in a part of them. Nothing is copied. */
export function createReader(bytes: Uint8Array, start = 0, end = bytes.length): Reader {
  return { bytes, end, pos: start, high: 0 };
}

export function malformed(reader: Reader, what: string) {
  return invalidArgument(`malformed protobuf at byte ${reader.pos}: ${what}`);
}

/**
 * The next varint's lower 32 bits as an unsigned number; the upper 32 are in `reader.high`.
 * @throws INVALID_ARGUMENT where the message ends inside it, or it takes more than 10 bytes
 */
export function readVarint(reader: Reader): number {
  const { bytes, end } = reader;
  let pos = reader.pos;
  if (pos < end && bytes[pos]! < 0x80) {
    reader.pos = pos + 1;
    reader.high = 0;
    return bytes[pos]!;
  }
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (pos >= end) throw malformed(reader, "the message ends inside a number");
    const byte = bytes[pos++]!;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) {
      reader.pos = pos;
      reader.high = high >>> 0;
      return low >>> 0;
    }
  }
  throw malformed(reader, "a number of more than 10 bytes");
}

/** The next field's tag, 0 at the end of the message. */
export function readTag(reader: Reader): number {
  if (reader.pos >= reader.end) return 0;
  const tag = readVarint(reader);
  if (tag >>> 3 === 0 || reader.high !== 0) throw malformed(reader, "a field number that cannot be");
  return tag;
}

export const readInt32 = (reader: Reader): number => readVarint(reader) | 0;

export function readBool(reader: Reader): boolean {
  const low = readVarint(reader);
  return (low | reader.high) !== 0;
}

export function readInt64(reader: Reader): bigint {
  const low = readVarint(reader);
  return (BigInt(reader.high | 0) << 32n) | BigInt(low);
}

/** An int64 as a number; NaN where a number cannot hold it exactly. */
export function readSafeInt64(reader: Reader): number {
  const low = readVarint(reader);
  const value = (reader.high | 0) * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Moves over `count` bytes and says where they began. */
export function take(reader: Reader, count: number): number {
  const start = reader.pos;
  const left = reader.end - start;
  if (count > left) throw malformed(reader, `${count} bytes are announced, ${left} are left`);
  reader.pos = start + count;
  return start;
}

/** The length in front of a bytes field; checked against what is left. */
export function readLength(reader: Reader): number {
  const length = readVarint(reader);
  const left = reader.end - reader.pos;
  if (reader.high !== 0 || length > left) {
    throw malformed(reader, `${reader.high * 2 ** 32 + length} bytes are announced, ${left} are left`);
  }
  return length;
}

/** A bytes field, as a view. */
export function readBytes(reader: Reader): Uint8Array {
  const length = readLength(reader);
  const start = take(reader, length);
  return reader.bytes.subarray(start, start + length);
}

/** A reader of the nested message that comes next. */
export function readMessage(reader: Reader): Reader {
  const length = readLength(reader);
  const start = take(reader, length);
  return createReader(reader.bytes, start, start + length);
}

// A byte order mark is part of a protobuf string.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws INVALID_ARGUMENT where the bytes are not UTF-8 */
export function readString(reader: Reader): string {
  const bytes = readBytes(reader);
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(reader, "a text that is not UTF-8");
  }
}

/** Moves over the value that follows `tag`, a whole group included. */
export function skip(reader: Reader, tag: number): void {
  let groups = 0;
  for (let next = tag; ; next = readTag(reader)) {
    const wire = next & 7;
    if (wire === Wire.varint) readVarint(reader);
    else if (wire === Wire.fixed64) take(reader, 8);
    else if (wire === Wire.bytes) take(reader, readLength(reader));
    else if (wire === Wire.fixed32) take(reader, 4);
    else if (wire === Wire.startGroup) groups++;
    else if (wire === Wire.endGroup && groups > 0 && next !== 0) groups--;
    else throw malformed(reader, `a field of wire type ${wire} where none can be`);
    if (groups === 0) return;
    if (reader.pos >= reader.end) throw malformed(reader, "the message ends inside a group");
  }
}
