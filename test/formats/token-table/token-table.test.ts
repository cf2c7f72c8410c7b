import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildTokenTable, openTokenTable } from "../../../formats/token-table/token-table.js";
import { createTokenWriter, linesOf } from "../../../formats/token-table/tokens.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (token: Uint8Array) => new TextDecoder().decode(token);
const refuse = () => {
  throw new Error("a duplicate");
};

const tableOf = (tokens: readonly Uint8Array[]) => {
  const writer = createTokenWriter(1, 1);
  for (const token of tokens) writer.add(token);
  return buildTokenTable(writer.finish(), refuse);
};

describe("a token table", () => {
  test("finds what is in it, and nothing else, as a Map does", () => {
    const token = fc.uint8Array({ maxLength: 40, max: 3 });
    const key = (each: Uint8Array) => each.join(",");
    fc.assert(
      fc.property(fc.uniqueArray(token, { selector: key, maxLength: 200 }), fc.array(token), (tokens, asked) => {
        const table = tableOf(tokens);
        const rows = new Map(tokens.map((each, row) => [key(each), row]));
        expect(table.size).toBe(tokens.length);
        for (const each of [...tokens, ...asked]) expect(table.find(each)).toBe(rows.get(key(each)) ?? -1);
        for (const [row, each] of tokens.entries()) expect(table.token(row)).toEqual(each);
      }),
    );
  });

  test("tells both rows of a duplicate, and keeps the first", () => {
    const told: number[][] = [];
    const table = buildTokenTable(linesOf(bytes("a\nb\na\nc\nb\n")), (...rows) => told.push(rows));
    expect(told).toEqual([
      [0, 2],
      [1, 4],
    ]);
    expect(table.find(bytes("b"))).toBe(1);
    expect(table.find(bytes("c"))).toBe(3);
  });

  test("looks at a part of a buffer where asked to", () => {
    const table = tableOf([bytes("oranges"), bytes("pears")]);
    expect(table.find(bytes("two pears"), 4, 9)).toBe(1);
    expect(table.find(bytes("two pears"), 4, 8)).toBe(-1);
  });

  test("can be posted: another thread opens the same memory", () => {
    const { parts } = tableOf([bytes("x"), bytes("yy")]);
    for (const part of Object.values(parts)) expect(part.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(openTokenTable(structuredClone(parts)).find(bytes("yy"))).toBe(1);
  });

  test("gives tokens in memory of their own", () => {
    const table = tableOf([bytes("x")]);
    const token = table.token(0);
    expect(token.buffer).toBeInstanceOf(ArrayBuffer);
    token[0] = 0;
    expect(table.find(bytes("x"))).toBe(0);
  });
});

describe("lines", () => {
  const lines = (content: string) => {
    const { bytes: all, offsets } = linesOf(bytes(content));
    return Array.from({ length: offsets.length - 1 }, (_, i) => text(all.slice(offsets[i], offsets[i + 1])));
  };

  test.each([
    ["", []],
    ["\n", [""]],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\n\nb", ["a", "", "b"]],
    ["\ufeffé\nb\rc\n", ["é", "b\rc"]],
  ])("%j", (content, expected) => {
    expect(lines(content)).toEqual(expected);
  });
});
