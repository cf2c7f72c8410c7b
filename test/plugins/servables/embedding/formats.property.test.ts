import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { strings, type Tensor } from "../../../../core/index.js";
import { toFloat16 } from "../../../../formats/float16/float16.js";
import { ask, folderOf, ids, npy, openTable } from "./tables.js";

// Numbers that every type of the formats holds exactly.
const small = fc.integer({ min: -127, max: 127 }).map((number) => number / 8);
const tables = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }))
  .chain(([rows, width]) =>
    fc.array(fc.array(small, { minLength: width, maxLength: width }), { minLength: rows, maxLength: rows }),
  );
const keysOf = (table: readonly unknown[]) => table.map((_, row) => `key-${row}`);
const transposed = (table: readonly number[][]) => table[0]!.map((_, column) => table.map((row) => row[column]!));

type Write = (table: readonly number[][], shape: readonly number[]) => Readonly<Record<string, string | Uint8Array>>;

const safetensors = (type: string, shape: readonly number[], data: Uint8Array, pad: number) => {
  const entry = { dtype: type, shape, data_offsets: [0, data.length] };
  const json = Buffer.from(JSON.stringify({ table: entry }) + " ".repeat(pad));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
};
const bytes = (array: Float32Array | Uint16Array) => new Uint8Array(array.buffer);
const bfloat16 = (numbers: readonly number[]) =>
  Uint16Array.from(new Uint32Array(Float32Array.from(numbers).buffer), (bits) => bits >>> 16);
const binary = (table: readonly number[][], end: string) =>
  Buffer.concat(table.flatMap((row, i) => [Buffer.from(`key-${i} `), bytes(Float32Array.from(row)), Buffer.from(end)]));

const byId: Readonly<Record<string, Write>> = {
  "npy, C order": (table, shape) => ({ "embeddings.npy": npy("<f4", shape, Float32Array.from(table.flat())) }),
  "npy, Fortran's order": (table, shape) => ({
    "embeddings.npy": npy("<f4", shape, Float32Array.from(transposed(table).flat()), true),
  }),
  "npy, float64": (table, shape) => ({ "embeddings.npy": npy("<f8", shape, Float64Array.from(table.flat())) }),
  "npy, float16": (table, shape) => ({
    "embeddings.npy": npy("<f2", shape, Uint16Array.from(table.flat(), toFloat16)),
  }),
  "npy, int8 in Fortran's order": (table, shape) => ({
    "embeddings.npy": npy(
      "|i1",
      shape,
      Int8Array.from(transposed(table).flat(), (number) => 8 * number),
      true,
    ),
    "scale.npy": npy("<f8", [shape[0]!], new Float64Array(shape[0]!).fill(1 / 8)),
  }),
  "safetensors, F32, not aligned": (table, shape) => ({
    "embeddings.safetensors": safetensors("F32", shape, bytes(Float32Array.from(table.flat())), 1),
  }),
  "safetensors, BF16": (table, shape) => ({
    "embeddings.safetensors": safetensors("BF16", shape, bytes(bfloat16(table.flat())), 0),
  }),
};
const byKey: Readonly<Record<string, Write>> = {
  "keys.txt with carriage returns": (table, shape) => ({
    "embeddings.npy": npy("<f4", shape, Float32Array.from(table.flat())),
    "keys.txt": keysOf(table).join("\r\n"),
  }),
  "word2vec, text": (table, shape) => ({
    "embeddings.vec": `${shape.join(" ")}\n${table.map((row, i) => `key-${i} ${row.join(" ")} \n`).join("")}`,
  }),
  "word2vec, binary": (table, shape) => ({
    "embeddings.bin": Buffer.concat([Buffer.from(`${shape.join(" ")}\n`), binary(table, "")]),
  }),
  "word2vec, binary with line feeds": (table, shape) => ({
    "embeddings.bin": Buffer.concat([Buffer.from(`${shape.join(" ")}\n`), binary(table, "\n")]),
  }),
};

function expectTable(actual: Tensor | undefined, table: readonly number[][]): void {
  expect(actual?.shape).toEqual([table.length, table[0]!.length]);
  expect(actual?.data).toEqual(Float32Array.from(table.flat()));
}

describe("what was written is what is answered, whatever the shape", () => {
  const runs = { numRuns: 15 };
  test.each(Object.keys(byId))("%s", async (format) => {
    await fc.assert(
      fc.asyncProperty(tables, fc.infiniteStream(fc.nat()), async (table, picks) => {
        await using folder = await folderOf(byId[format]!(table, [table.length, table[0]!.length]));
        await using servable = await openTable(folder.path);
        const asked = Array.from({ length: 20 }, () => picks.next().value! % table.length);
        const { embeddings } = await ask(servable, "serving_default", { ids: ids(asked) });
        expectTable(
          embeddings,
          asked.map((row) => table[row]!),
        );
      }),
      runs,
    );
  });

  test.each(Object.keys(byKey))("%s", async (format) => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        await using folder = await folderOf(byKey[format]!(table, [table.length, table[0]!.length]));
        await using servable = await openTable(folder.path, { unknown: "zero" });
        const keys = strings([...keysOf(table), "key-"]);
        const { embeddings } = await ask(servable, "serving_default", { keys });
        expectTable(embeddings, [...table, new Array<number>(table[0]!.length).fill(0)]);
      }),
      runs,
    );
  });
});
