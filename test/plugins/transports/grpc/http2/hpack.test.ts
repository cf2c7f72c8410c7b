import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHpackDecoder } from "../../../../../plugins/transports/grpc/engines/http2/hpack/decoder.js";
import { createDynamicTable } from "../../../../../plugins/transports/grpc/engines/http2/hpack/dynamic-table.js";
import { createHpackEncoder } from "../../../../../plugins/transports/grpc/engines/http2/hpack/encoder.js";
import {
  decodeHuffman,
  encodeHuffman,
  huffmanSize,
} from "../../../../../plugins/transports/grpc/engines/http2/hpack/huffman.js";
import { vectors } from "./hpack-vectors.js";

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const field = fc.record({ name: latin1, value: latin1, indexed: fc.boolean() });

const fieldsOf = (decoder: ReturnType<typeof createHpackDecoder>, block: Buffer) => {
  const fields: (readonly [string, string])[] = [];
  decoder.decode(block, 0, block.length, ({ name, value }) => fields.push([name, value]));
  return fields;
};

const decodeHex = (hex: string, capacity?: number) => fieldsOf(createHpackDecoder(capacity), Buffer.from(hex, "hex"));

describe("the examples of RFC 7541", () => {
  test.each(vectors)("$name", ({ tableSize, blocks }) => {
    const decoder = createHpackDecoder(tableSize);
    for (const { hex, fields } of blocks) expect(fieldsOf(decoder, Buffer.from(hex, "hex"))).toEqual(fields);
  });

  test("C.2: single fields", () => {
    expect(decodeHex("400a637573746f6d2d6b65790d637573746f6d2d686561646572")).toEqual([
      ["custom-key", "custom-header"],
    ]);
    expect(decodeHex("040c2f73616d706c652f70617468")).toEqual([[":path", "/sample/path"]]);
    expect(decodeHex("100870617373776f726406736563726574")).toEqual([["password", "secret"]]);
  });
});

describe("Huffman's code", () => {
  test("gives back what was put in, in the size that was said", () => {
    fc.assert(
      fc.property(latin1, (text) => {
        const bytes = new Uint8Array(huffmanSize(text) + 2).fill(0xaa);
        const end = encodeHuffman(text, bytes, 1);
        expect(end).toBe(bytes.length - 1);
        expect(bytes[end]).toBe(0xaa);
        expect(decodeHuffman(bytes, 1, end)).toBe(text);
      }),
    );
  });

  test.each([
    ["ends amid a code", "00ff00"],
    ["has eight bits of padding", "1fff"],
    ["is padded with zeros", "18"],
    ["has the code of the end in it", "ffffffff"],
  ])("a string that %s is refused", (_, hex) => {
    const bytes = Buffer.from(hex, "hex");
    expect(() => decodeHuffman(bytes, 0, bytes.length)).toThrow(/Huffman/);
  });

  test("is decoded or refused, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          const text = decodeHuffman(bytes, 0, bytes.length);
          const again = new Uint8Array(huffmanSize(text));
          encodeHuffman(text, again, 0);
          expect(again).toEqual(bytes);
        } catch (error) {
          expect((error as Error).name).toBe("ConnectionError");
        }
      }),
    );
  });
});

describe("the encoder", () => {
  test("is understood by the decoder, block after block, while the table's size changes", () => {
    const step = fc.oneof(fc.array(field), fc.integer({ min: 0, max: 8192 }));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const encoder = createHpackEncoder();
        const decoder = createHpackDecoder();
        for (const next of steps) {
          if (typeof next === "number") encoder.resize(next);
          else expect(fieldsOf(decoder, encoder.encode(next))).toEqual(next.map(({ name, value }) => [name, value]));
        }
      }),
    );
  });

  test("refers to what it has sent, as long as the table does not change", () => {
    const encoder = createHpackEncoder();
    const fields = [{ name: "grpc-status", value: "0", indexed: true }];
    expect(encoder.settled(fields)).toBe(false);
    encoder.encode(fields);
    expect(encoder.settled(fields)).toBe(true);
    expect(encoder.encode(fields)).toEqual(Buffer.of(0xbe));
    const { revision } = encoder;
    encoder.resize(0);
    expect(encoder.settled(fields)).toBe(false);
    expect(encoder.revision).toBeGreaterThan(revision);
  });

  test("tells a table that was made small and large again of both", () => {
    const encoder = createHpackEncoder();
    const fields = [{ name: "a", value: "b", indexed: true }];
    encoder.encode(fields);
    encoder.resize(0);
    encoder.resize(4096);
    expect(encoder.encode([]).toString("hex")).toBe("203fe11f");
    expect(encoder.settled(fields)).toBe(false);
  });
});

describe("the decoder", () => {
  test.each([
    ["80", /entry 0/],
    ["be", /entry 62/],
    ["ff80808080808080808001", /too large/],
    ["ff", /within an integer/],
    ["0401", /within a string/],
    ["04", /before a string/],
    ["3fe21f", /4097 bytes/],
    ["823f00", /amid/],
  ])("refuses %s", (hex, message) => {
    expect(() => decodeHex(hex)).toThrow(message);
  });

  test("reads or refuses whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (blocks) => {
        const decoder = createHpackDecoder(200);
        try {
          for (const block of blocks) fieldsOf(decoder, Buffer.from(block));
        } catch (error) {
          expect((error as Error).name).toBe("ConnectionError");
        }
      }),
    );
  });

  test("counts each change of its table, and nothing else", () => {
    const decoder = createHpackDecoder();
    fieldsOf(decoder, Buffer.from("828684040178", "hex"));
    expect(decoder.revision).toBe(0);
    fieldsOf(decoder, Buffer.from("440178", "hex"));
    expect(decoder.revision).toBe(1);
    fieldsOf(decoder, Buffer.from("20", "hex"));
    expect(decoder.revision).toBe(2);
  });
});

test("a table holds what fits, the newest first, as a plain list does", () => {
  const action = fc.oneof(fc.record({ name: latin1, value: latin1 }), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const table = createDynamicTable(300);
      let list: { name: string; value: string }[] = [];
      let capacity = 300;
      for (const next of actions) {
        if (typeof next === "number") {
          capacity = next;
          table.resize(next);
        } else {
          list = [next, ...list];
          table.add(next);
        }
        let size = 0;
        const kept = list.findIndex((each) => {
          size += each.name.length + each.value.length + 32;
          return size > capacity;
        });
        if (kept >= 0) list = list.slice(0, kept);
        expect(Array.from({ length: table.length }, (_, i) => table.at(i))).toEqual(list);
        expect(table.at(list.length)).toBeUndefined();
      }
    }),
  );
});

test("a table is filled to its last byte, and keeps the order when it grows", () => {
  const fields = Array.from({ length: 20 }, (_, i) => ({ name: "n", value: String(i).padStart(2, "0") }));
  const table = createDynamicTable(20 * 35);
  for (const each of fields) table.add(each);
  expect(Array.from({ length: 20 }, (_, i) => table.at(i))).toEqual([...fields].reverse());
  table.add({ name: "n", value: "20" });
  expect(table.length).toBe(20);
  expect(table.at(19)).toEqual(fields[1]);
});
