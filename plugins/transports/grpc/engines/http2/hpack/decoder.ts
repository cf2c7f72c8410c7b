import { compressionError } from "./compression-error.js";
import { createDynamicTable } from "./dynamic-table.js";
import { decodeHuffman } from "./huffman.js";
import { type Field, staticTable } from "./static-table.js";

/** The largest integer read: more than any length or index that can be right, and far from overflow. */
const LARGEST = 2 ** 28;

export interface HpackDecoder {
  /** How often the table has changed: a block that changes nothing means the same as long as this is the same. */
  readonly revision: number;
  /**
   * Reads one whole header block and hands on its fields in their order. Fields of the tables are the same object each
   * time.
   * @throws ConnectionError; the decoder is of no use then
   */
  decode(block: Buffer, start: number, end: number, onField: (field: Field) => void): void;
}

/** @param capacity the table size that our SETTINGS allow */
export function createHpackDecoder(capacity = 4096): HpackDecoder {
  const table = createDynamicTable(capacity);
  let revision = 0;
  let bytes: Buffer;
  let pos = 0;
  let limit = 0;

  function integer(prefix: number): number {
    const mask = 2 ** prefix - 1;
    let value = bytes[pos++]! & mask;
    if (value < mask) return value;
    for (let unit = 1; ; unit *= 128) {
      if (pos >= limit) throw compressionError("a header block that ends within an integer");
      const byte = bytes[pos++]!;
      value += (byte & 0x7f) * unit;
      if (value > LARGEST || unit > LARGEST) throw compressionError("an integer in a header block is too large");
      if (byte < 0x80) return value;
    }
  }

  function text(): string {
    if (pos >= limit) throw compressionError("a header block that ends before a string");
    const huffman = bytes[pos]! >= 0x80;
    const length = integer(7);
    const start = pos;
    pos += length;
    if (pos > limit) throw compressionError("a header block that ends within a string");
    return huffman ? decodeHuffman(bytes, start, pos) : bytes.toString("latin1", start, pos);
  }

  function indexed(index: number): Field {
    const field = index <= staticTable.length ? staticTable[index - 1] : table.at(index - staticTable.length - 1);
    if (field === undefined) throw compressionError(`a header block refers to entry ${index}, which is not there`);
    return field;
  }

  function literal(prefix: number): Field {
    const index = integer(prefix);
    const name = index === 0 ? text() : indexed(index).name;
    return { name, value: text(), checked: false };
  }

  function resize(): void {
    const size = integer(5);
    if (size > capacity) throw compressionError(`a header table of ${size} bytes, at most ${capacity} are allowed`);
    table.resize(size);
    revision++;
  }

  return {
    get revision() {
      return revision;
    },
    decode: (block, start, end, onField) => {
      bytes = block;
      pos = start;
      limit = end;
      let fields = 0;
      while (pos < limit) {
        const first = bytes[pos]!;
        if (first >= 0x80) onField(indexed(integer(7)));
        else if (first >= 0x40) {
          const field = literal(6);
          table.add(field);
          revision++;
          onField(field);
        } else if (first >= 0x20) {
          if (fields > 0) throw compressionError("a table size update amid a header block");
          resize();
          continue;
        } else onField(literal(4));
        fields++;
      }
    },
  };
}
