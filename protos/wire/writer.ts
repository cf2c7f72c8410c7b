/** Where a message is being written. */
export type Output = { readonly bytes: Buffer; pos: number };

/** One field, its tag included: it knows its size before it is written, so a message is allocated once. */
export interface Field {
  readonly size: number;
  write(output: Output): void;
}

/** Bytes that a varint of these 64 bits takes. */
export function varintSize(low: number, high: number): number {
  if (high === 0) {
    if (low < 0x80) return 1;
    if (low < 0x4000) return 2;
    if (low < 0x200000) return 3;
    return low < 0x10000000 ? 4 : 5;
  }
  if (high < 0x8) return 5;
  if (high < 0x400) return 6;
  if (high < 0x20000) return 7;
  if (high < 0x1000000) return 8;
  return high < 0x80000000 ? 9 : 10;
}

export function writeVarint(output: Output, low: number, high: number): void {
  const { bytes } = output;
  let pos = output.pos;
  let lower = low;
  let upper = high;
  while (upper !== 0 || lower > 0x7f) {
    bytes[pos++] = (lower & 0x7f) | 0x80;
    lower = ((lower >>> 7) | (upper << 25)) >>> 0;
    upper >>>= 7;
  }
  bytes[pos++] = lower;
  output.pos = pos;
}

const tagSize = (field: number) => varintSize((field << 3) >>> 0, 0);
const writeTag = (output: Output, field: number, wire: number) => writeVarint(output, ((field << 3) | wire) >>> 0, 0);

/** An int32, int64, uint32, uint64, bool or enum field; negative numbers take ten bytes, as protobuf has them. */
export function varint(field: number, value: number | bigint): Field {
  const low = Number(typeof value === "bigint" ? BigInt.asUintN(32, value) : value >>> 0);
  const high = Number(typeof value === "bigint" ? BigInt.asUintN(32, value >> 32n) : Math.floor(value / 2 ** 32) >>> 0);
  return {
    size: tagSize(field) + varintSize(low, high),
    write: (output) => {
      writeTag(output, field, 0);
      writeVarint(output, low, high);
    },
  };
}

export function float(field: number, value: number): Field {
  return {
    size: tagSize(field) + 4,
    write: (output) => {
      writeTag(output, field, 5);
      output.pos = output.bytes.writeFloatLE(value, output.pos);
    },
  };
}

export function double(field: number, value: number): Field {
  return {
    size: tagSize(field) + 8,
    write: (output) => {
      writeTag(output, field, 1);
      output.pos = output.bytes.writeDoubleLE(value, output.pos);
    },
  };
}

/** A field of `length` bytes: what nested messages, strings, byte strings and packed lists are. */
function delimited(field: number, length: number, write: (output: Output) => void): Field {
  return {
    size: tagSize(field) + varintSize(length, 0) + length,
    write: (output) => {
      writeTag(output, field, 2);
      writeVarint(output, length, 0);
      write(output);
    },
  };
}

/** A bytes field; also a packed list of floats, doubles or fixed numbers, given its little-endian bytes. */
export function bytes(field: number, value: Uint8Array): Field {
  return delimited(field, value.byteLength, (output) => {
    output.bytes.set(value, output.pos);
    output.pos += value.byteLength;
  });
}

export function string(field: number, value: string): Field {
  return delimited(field, Buffer.byteLength(value), (output) => {
    output.pos += output.bytes.write(value, output.pos);
  });
}

export function message(field: number, fields: readonly Field[]): Field {
  return delimited(field, sizeOf(fields), (output) => {
    for (const inner of fields) inner.write(output);
  });
}

/** A packed list of int32, uint32, bool or enum values, from numbers of at most 32 bits. */
export function packed(field: number, values: ArrayLike<number>): Field {
  let length = 0;
  for (let i = 0; i < values.length; i++) length += varintSize(values[i]! >>> 0, values[i]! < 0 ? 0xffffffff : 0);
  return delimited(field, length, (output) => {
    for (let i = 0; i < values.length; i++) writeVarint(output, values[i]! >>> 0, values[i]! < 0 ? 0xffffffff : 0);
  });
}

/** A packed list of int64 or uint64 values. Read as pairs of 32-bit words: no bigint is made. */
export function packed64(field: number, values: BigInt64Array | BigUint64Array): Field {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let length = 0;
  for (let i = 0; i < words.length; i += 2) length += varintSize(words[i]!, words[i + 1]!);
  return delimited(field, length, (output) => {
    for (let i = 0; i < words.length; i += 2) writeVarint(output, words[i]!, words[i + 1]!);
  });
}

function sizeOf(fields: readonly Field[]): number {
  let size = 0;
  for (const field of fields) size += field.size;
  return size;
}

/** The message that these fields make, in one buffer of exactly its size. Big byte fields are copied once, here. */
export function encodeMessage(fields: readonly Field[]): Buffer {
  const output = { bytes: Buffer.allocUnsafe(sizeOf(fields)), pos: 0 };
  for (const field of fields) field.write(output);
  return output.bytes;
}
