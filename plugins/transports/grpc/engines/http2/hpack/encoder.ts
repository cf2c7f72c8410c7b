import { createDynamicTable } from "./dynamic-table.js";
import { encodeHuffman, huffmanSize } from "./huffman.js";
import { type Field, staticTable } from "./static-table.js";

/** The largest table that is kept for a client, whatever it allows. */
const LARGEST_TABLE = 4096;

export type FieldToSend = Field & {
  /** Whether it goes into the table: worth it for what is sent again and again. */
  readonly indexed?: boolean;
};

export interface HpackEncoder {
  /** One header block. */
  encode(fields: readonly FieldToSend[]): Buffer;
  /** Whether a block with these fields, all `indexed`, refers to the tables alone, and so stays right. */
  settled(fields: readonly Field[]): boolean;
  /** How often the table has changed. */
  readonly revision: number;
  /** What the client's SETTINGS_HEADER_TABLE_SIZE says. */
  resize(capacity: number): void;
}

const staticPairs = new Map(staticTable.map(({ name, value }, i) => [`${name}\n${value}`, i + 1]));
const staticNames = new Map([...staticTable].reverse().map(({ name }, i) => [name, staticTable.length - i]));

function writeInteger(into: number[], first: number, prefix: number, value: number): void {
  const mask = 2 ** prefix - 1;
  if (value < mask) {
    into.push(first | value);
    return;
  }
  into.push(first | mask);
  let left = value - mask;
  for (; left >= 128; left = Math.floor(left / 128)) into.push((left & 0x7f) | 0x80);
  into.push(left);
}

function writeText(into: number[], text: string): void {
  const size = huffmanSize(text);
  if (size >= text.length) {
    writeInteger(into, 0, 7, text.length);
    for (let i = 0; i < text.length; i++) into.push(text.charCodeAt(i) & 0xff);
    return;
  }
  writeInteger(into, 0x80, 7, size);
  const bytes = new Uint8Array(size);
  encodeHuffman(text, bytes, 0);
  for (const byte of bytes) into.push(byte);
}

/** Values are of Latin-1. */
export function createHpackEncoder(capacity = 4096): HpackEncoder {
  const table = createDynamicTable(Math.min(capacity, LARGEST_TABLE));
  let revision = 0;
  /** Sizes to be told with the next block: the smallest since the last one, then the present. */
  let smallest: number | undefined;

  function indexOf({ name, value }: Field): number {
    const fixed = staticPairs.get(`${name}\n${value}`);
    if (fixed !== undefined) return fixed;
    for (let i = 0; i < table.length; i++) {
      const field = table.at(i)!;
      if (field.name === name && field.value === value) return staticTable.length + 1 + i;
    }
    return 0;
  }

  function indexOfName(name: string): number {
    const fixed = staticNames.get(name);
    if (fixed !== undefined) return fixed;
    for (let i = 0; i < table.length; i++) if (table.at(i)!.name === name) return staticTable.length + 1 + i;
    return 0;
  }

  function write(into: number[], { name, value, indexed = false }: FieldToSend): void {
    const index = indexOf({ name, value });
    if (index > 0) {
      writeInteger(into, 0x80, 7, index);
      return;
    }
    const nameIndex = indexOfName(name);
    if (indexed) writeInteger(into, 0x40, 6, nameIndex);
    else writeInteger(into, 0, 4, nameIndex);
    if (nameIndex === 0) writeText(into, name);
    writeText(into, value);
    if (!indexed) return;
    table.add({ name, value });
    revision++;
  }

  return {
    get revision() {
      return revision;
    },
    encode: (fields) => {
      const bytes: number[] = [];
      if (smallest !== undefined) {
        if (smallest < table.capacity) writeInteger(bytes, 0x20, 5, smallest);
        writeInteger(bytes, 0x20, 5, table.capacity);
        smallest = undefined;
      }
      for (const field of fields) write(bytes, field);
      return Buffer.from(bytes);
    },
    settled: (fields) => smallest === undefined && fields.every((field) => indexOf(field) > 0),
    resize: (asked) => {
      const next = Math.min(asked, LARGEST_TABLE);
      if (next === table.capacity) return;
      smallest = Math.min(smallest ?? next, next);
      table.resize(next);
      revision++;
    },
  };
}
