/** One dimension of a slice: `length` -1 means the whole dimension. */
export type Extent = { readonly start: number; readonly length: number };

// TensorFlow's order-preserving code; the facts are in tensorflow/core/lib/strings/ordered_code.cc.
const escaped = (name: Uint8Array): number[] => {
  const out: number[] = [];
  for (const byte of name) {
    out.push(byte);
    if (byte === 0x00) out.push(0xff);
    else if (byte === 0xff) out.push(0x00);
  }
  return [...out, 0x00, 0x01];
};

function unsigned(value: number): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [digits.length, ...digits];
}

function signed(value: number): number[] {
  const magnitude = BigInt(value < 0 ? -value - 1 : value);
  const length = Math.max(1, Math.ceil((magnitude.toString(2).length + 1) / 7));
  if (magnitude < 64n) return [(value & 0xff) ^ 0x80];
  const wide = BigInt.asUintN(80, BigInt(value));
  const bytes = Array.from({ length }, (_, i) => Number((wide >> BigInt(8 * (length - 1 - i))) & 0xffn));
  // The header is a row of `length` ones, written over the sign extension.
  const header = (0xffff << (16 - length)) & 0xffff;
  bytes[0]! ^= header >> 8;
  bytes[1]! ^= header & 0xff;
  return bytes;
}

/** The index key under which the data of one slice of a partitioned tensor lies, as a string of bytes. */
export function sliceKey(name: string, extents: readonly Extent[]): string {
  const bytes = [0, ...escaped(Buffer.from(name)), ...unsigned(extents.length)];
  for (const { start, length } of extents) bytes.push(...signed(start), ...signed(length));
  return Buffer.from(bytes).toString("latin1");
}
