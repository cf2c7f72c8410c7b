import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { hashOf } from "../../../../plugins/servables/vocabulary/table/hash.js";
import { readTable, type TableRequest } from "../../../../plugins/servables/vocabulary/table/read-table.js";
import {
  indexOf,
  indexOfId,
  sizeOf,
  type Table,
  tokenAt,
} from "../../../../plugins/servables/vocabulary/table/table.js";

const folder = mkdtempSync(join(tmpdir(), "vocabulary-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Uint8Array, request: Partial<TableRequest>): Table {
  const path = join(folder, "vocab");
  writeFileSync(path, content);
  return readTable({ path, format: "text", header: false, ...request });
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

/** Few bytes, so that many tokens share beginnings, lengths and places; never one that a text file keeps for itself. */
const byte = fc
  .oneof(fc.constantFrom(97, 98, 255), fc.integer({ min: 1, max: 255 }))
  .filter((b) => b !== 10 && b !== 13);
const token = fc.array(byte, { minLength: 1, maxLength: 9 }).map((bytes) => Uint8Array.from(bytes));
const tokens = fc.uniqueArray(token, { minLength: 1, maxLength: 200, selector: latin1 });
const id = fc.oneof(fc.nat(300), fc.maxSafeNat());

const idOf = (table: Table, index: number) => (index < 0 ? undefined : (table.ids?.[index] ?? index));

function expectSame(table: Table, wanted: ReadonlyMap<string, number>, strangers: readonly Uint8Array[]) {
  expect(sizeOf(table)).toBe(wanted.size);
  for (const [name, number] of wanted) {
    expect(idOf(table, indexOf(table, bytesOf(name)))).toBe(number);
    expect(latin1(tokenAt(table, indexOfId(table, number)))).toBe(name);
  }
  for (const stranger of strangers) {
    expect(idOf(table, indexOf(table, stranger))).toBe(wanted.get(latin1(stranger)));
  }
}

describe("a table equals a Map", () => {
  test("of the lines of a text", () => {
    fc.assert(
      fc.property(tokens, fc.array(token), fc.boolean(), (own, strangers, ended) => {
        // The mark of UTF-8 is no part of a token.
        fc.pre(!latin1(own[0]!).startsWith("\xef\xbb\xbf"));
        const text = own.map(latin1).join("\n") + (ended ? "\n" : "");
        const table = read(bytesOf(text), {});
        expect(table.ids).toBeUndefined();
        expectSame(table, new Map(own.map((each, i) => [latin1(each), i])), strangers);
      }),
    );
  });

  test("of ids in any order", () => {
    fc.assert(
      fc.property(tokens, fc.array(token), fc.infiniteStream(id), (own, strangers, stream) => {
        const ids = new Set<number>();
        for (const next of stream) {
          if (ids.size === own.length) break;
          ids.add(next);
        }
        const numbers = [...ids];
        const rows = own.map((each, i) => `"${latin1(each).replaceAll('"', '""')}",${numbers[i]}`);
        const table = read(bytesOf(rows.join("\n")), { format: "csv" });
        expectSame(table, new Map(own.map((each, i) => [latin1(each), numbers[i]!])), strangers);
      }),
    );
  });

  test("of JSON, whatever is escaped", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.uniqueArray(text, { minLength: 1, maxLength: 50 }),
        fc.boolean(),
        fc.boolean(),
        (own, list, ascii) => {
          const entries = own.map((each, i) => [each, own.length - i] as const);
          const plain = JSON.stringify(list ? own : Object.fromEntries(entries), undefined, 1);
          const units = (part: string) =>
            [...Array(part.length).keys()]
              .map((i) => `\\u${part.charCodeAt(i).toString(16).padStart(4, "0")}`)
              .join("");
          const written = ascii ? plain.replace(/[^\0-\x7f]+/gu, units) : plain;
          const table = read(written, { format: "json" });
          for (const [i, each] of own.entries()) {
            const bytes = Uint8Array.from(Buffer.from(each));
            expect(idOf(table, indexOf(table, bytes))).toBe(list ? i : own.length - i);
          }
        },
      ),
    );
  });
});

test("ids that no token has", () => {
  const table = read("a,3\nb,8", { format: "csv" });
  for (const none of [-1, 0, 4, 9, 3.5, Number.NaN, 2 ** 60]) expect(indexOfId(table, none)).toBe(-1);
  const counted = read("a\nb", {});
  for (const none of [-1, 2, 0.5, Number.NaN, 2 ** 60]) expect(indexOfId(counted, none)).toBe(-1);
});

test("tokens whose hashes are the same are told apart", () => {
  const seen = new Map<number, string>();
  const twins: [string, string][] = [];
  for (let i = 0; i < 300_000; i++) {
    const word = [0x9e3779b1, 0x85ebca6b].map((by) => (Math.imul(i, by) >>> 0).toString(36)).join(".");
    const hash = hashOf(bytesOf(word), 0, word.length);
    const other = seen.get(hash);
    if (other !== undefined) twins.push([other, word]);
    seen.set(hash, word);
  }
  expect(twins.length).toBeGreaterThan(0);
  for (const [one, other] of twins) {
    expect(indexOf(read(one, {}), bytesOf(other))).toBe(-1);
    const both = read(`${one}\n${other}`, {});
    expect([one, other].map((word) => indexOf(both, bytesOf(word)))).toEqual([0, 1]);
  }
});
