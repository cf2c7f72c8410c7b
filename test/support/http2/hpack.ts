import { huffmanDecode, huffmanEncode } from "./huffman.js";

/** HPACK, RFC 7541, each representation at the caller's choice. */

export type Field = readonly [name: string, value: string];

/** Appendix A, from index 1. */
const STATIC: readonly Field[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  ...["200", "204", "206", "304", "400", "404", "500"].map((code): Field => [":status", code]),
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ..."accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition content-encoding content-language content-length content-location content-range content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate"
    .split(" ")
    .map((name): Field => [name, ""]),
];

/** First index of the dynamic table. */
export const DYNAMIC = STATIC.length + 1;

/** 1-based; 0 where the static table has no such name. */
export const staticIndex = (name: string, value?: string) =>
  STATIC.findIndex(([known, its]) => known === name && (value === undefined || its === value)) + 1;

/** An integer behind the high bits of `first`, of which `prefix` low bits are its own. */
export function integer(value: number, prefix: number, first = 0): Buffer {
  const limit = 2 ** prefix - 1;
  if (value < limit) return Buffer.of(first | value);
  const bytes = [first | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128));
  return Buffer.from([...bytes, rest]);
}

export function text(value: string | Uint8Array, huffman = false): Buffer {
  const plain = typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.from(value);
  const bytes = huffman ? huffmanEncode(plain) : plain;
  return Buffer.concat([integer(bytes.length, 7, huffman ? 128 : 0), bytes]);
}

export const indexed = (index: number) => integer(index, 7, 128);
export const tableSize = (size: number) => integer(size, 5, 32);

const KINDS = { without: [4, 0], never: [4, 16], incremental: [6, 64] } as const;

export type LiteralOptions = {
  /** What a reader does with it: `incremental` puts it into the dynamic table. */
  readonly indexing?: keyof typeof KINDS;
  readonly huffman?: boolean;
};

/** A literal whose name is a string, or the index of one. */
export function literal(name: string | number, value: string, options: LiteralOptions = {}): Buffer {
  const { indexing = "without", huffman = false } = options;
  const [prefix, first] = KINDS[indexing];
  const head =
    typeof name === "number" ? integer(name, prefix, first) : Buffer.concat([Buffer.of(first), text(name, huffman)]);
  return Buffer.concat([head, text(value, huffman)]);
}

/** A block of literals that leave no trace in the dynamic table. */
export const block = (fields: readonly Field[], options?: LiteralOptions) =>
  Buffer.concat(fields.map(([name, value]) => literal(name, value, options)));

export type HpackDecoder = {
  /** Reads the blocks of one connection in their order. @throws where the server breaks a rule */
  decode(bytes: Buffer): readonly Field[];
  /** From now on the table may grow to `size`; where that is less than before, the next block has to say so. */
  allow(size: number): void;
};

export function hpackDecoder(): HpackDecoder {
  let allowed = 4096;
  let table: readonly Field[] = [];
  let limit = allowed;
  let mustShrink = false;
  const sizeOf = (fields: readonly Field[]) =>
    fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  const evict = () => {
    while (sizeOf(table) > limit) table = table.slice(0, -1);
  };
  const at = (index: number): Field => {
    const found = index < DYNAMIC ? STATIC[index - 1] : table[index - DYNAMIC];
    if (found === undefined) throw new Error(`HPACK: there is no index ${index}`);
    return found;
  };
  function decode(bytes: Buffer): readonly Field[] {
    let position = 0;
    const readInteger = (prefix: number): number => {
      const low = bytes[position++]! & (2 ** prefix - 1);
      if (low < 2 ** prefix - 1) return low;
      let value = low;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[position++]!;
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
    };
    const readText = (): string => {
      const coded = bytes[position]! >= 128;
      const length = readInteger(7);
      const raw = bytes.subarray(position, position + length);
      position += length;
      if (raw.length < length) throw new Error("HPACK: a string is cut off");
      return (coded ? huffmanDecode(raw) : raw).toString("latin1");
    };
    const fields: Field[] = [];
    while (position < bytes.length) {
      const first = bytes[position]!;
      if (mustShrink && (first < 32 || first >= 64))
        throw new Error(`HPACK: the table was not shrunk to ${allowed} bytes`);
      if (first >= 128) fields.push(at(readInteger(7)));
      else if (first >= 32 && first < 64) {
        limit = readInteger(5);
        if (limit > allowed) throw new Error(`HPACK: a table of ${limit} bytes, ${allowed} allowed`);
        mustShrink = false;
        evict();
      } else {
        const index = readInteger(first >= 64 ? 6 : 4);
        const field: Field = [index === 0 ? readText() : at(index)[0], readText()];
        fields.push(field);
        if (first < 64) continue;
        table = [field, ...table];
        evict();
      }
    }
    return fields;
  }

  return {
    decode,
    allow: (size) => {
      allowed = size;
      mustShrink = limit > size;
    },
  };
}
