import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../../../../core/index.js";
import { readTextTable } from "../../../../../plugins/servables/savedmodel/reader/text-table.js";
import { createTable, finderOf, valuesOf } from "../../../../../plugins/servables/savedmodel/steps/tables/table.js";

const words = fc.array(fc.uint8Array({ maxLength: 4, max: 3 }), { maxLength: 60 });
const numbers = fc.array(
  fc.oneof(
    fc.constantFrom(-1n, 2n ** 32n - 1n, 1n, 2n ** 32n + 1n),
    fc.bigInt({ min: -3n, max: 3n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
  {
    maxLength: 60,
  },
);
const int64 = (values: readonly bigint[]) => tensor("int64", [values.length], BigInt64Array.from(values));
const strings = (values: readonly Uint8Array[]) => tensor("string", [values.length], values);

function check(keys: Tensor, asked: Tensor, nameOf: (item: unknown) => string): void {
  const values = int64(Array.from({ length: keys.data.length }, (_, i) => BigInt(i)));
  // As it comes out of the thread that made it.
  const table = structuredClone(createTable(keys, values, true));
  const wanted = new Map(Array.from(keys.data as ArrayLike<unknown>, (key, i) => [nameOf(key), BigInt(i)]));
  expect(table.count).toBe(wanted.size);
  const [find, valueAt] = [finderOf(table)(asked), valuesOf(table)];
  for (const [i, key] of Array.from(asked.data as ArrayLike<unknown>).entries()) {
    const place = find(i);
    expect(place < 0 ? undefined : valueAt(place)).toBe(wanted.get(nameOf(key)));
  }
}

describe("a table", () => {
  it("finds what a Map finds, the last value of a key", () => {
    fc.assert(fc.property(words, words, (keys, asked) => check(strings(keys), strings([...asked, ...keys]), String)));
    fc.assert(fc.property(numbers, numbers, (keys, asked) => check(int64(keys), int64([...asked, ...keys]), String)));
  });

  it("tells keys apart that differ in their high halves alone", () => {
    const keys = Array.from({ length: 500 }, (_, i) => BigInt(i) << 32n);
    check(int64(keys.slice(0, 250)), int64(keys), String);
  });

  it("of 32-bit keys finds negative ones", () => {
    const keys = tensor("int32", [3], Int32Array.of(-1, 2 ** 31 - 1, 0));
    check(keys, tensor("int32", [4], Int32Array.of(0, -1, -2, 2 ** 31 - 1)), String);
  });

  it("that takes one value for a key refuses a second one, in TensorFlow's words, and takes the same one again", () => {
    const keys = int64([7n, 8n, 7n]);
    expect(() => createTable(keys, int64([1n, 2n, 3n]), false)).toThrow(
      "HashTable has different value for same key. Key 7 has 1 and trying to add value 3",
    );
    expect(createTable(keys, int64([1n, 2n, 1n]), false).count).toBe(2);
  });
});

describe("a table's file", () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const plan = {
    key: { from: -2, dtype: "string" },
    value: { from: -1, dtype: "int64" },
    delimiter: 9,
    lines: undefined,
    offset: 5,
  } as const;

  it("has lines that end with or without a carriage return, the last one without an end", () => {
    const { keys, values } = readTextTable(bytes("a\r\nb c\n\0d"), "v.txt", plan);
    expect(keys).toEqual(strings(["a", "b c", "\0d"].map(bytes)));
    expect(values).toEqual(int64([5n, 6n, 7n]));
  });

  it("counts as many lines as are wanted, and must have them", () => {
    expect(readTextTable(bytes("a\nb\nc\n"), "v.txt", { ...plan, lines: 2 }).keys.shape).toEqual([2]);
    expect(() => readTextTable(bytes("a\n"), "v.txt", { ...plan, lines: 2 })).toThrow(
      "v.txt has 1 lines, and the model wants 2",
    );
  });

  it("is refused by its line when that is empty, lacks a column or holds no number", () => {
    expect(() => readTextTable(bytes("a\n\nb"), "v.txt", plan)).toThrow("v.txt: line 2 is empty");
    const columns = { ...plan, value: { from: 1, dtype: "int64" } } as const;
    expect(() => readTextTable(bytes("a\t1\nb"), "v.txt", columns)).toThrow("v.txt: line 2 has no column 2");
    expect(() => readTextTable(bytes("a\tx"), "v.txt", columns)).toThrow('v.txt: "x" is not a valid int64');
  });
});
