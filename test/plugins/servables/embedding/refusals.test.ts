import { readFile } from "node:fs/promises";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isServingError } from "../../../../core/index.js";
import { isEmbedding } from "../../../../plugins/servables/embedding/files.js";
import { fixture, folderOf, npy, openTable } from "./tables.js";

const good = npy("<f4", [2, 2], Float32Array.of(1, 2, 3, 4));
const text = (content: string) => Buffer.from(content);

/** A zip file of one entry, which may announce whatever it likes. */
function zipOf(name: string, content: Uint8Array, { method = 8, size = content.length } = {}): Buffer {
  const data = method === 8 ? deflateRawSync(content) : Buffer.from(content);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([text("PK\x03\x04"), fields, text(name), data]);
  const central = Buffer.concat([text("PK\x01\x02\x14\x00"), fields, Buffer.alloc(14), text(name)]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const safetensors = (header: object, data: Uint8Array) => {
  const json = text(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
};

const nan = npy("<f4", [2, 3], Float32Array.of(1, 2, 3, 4, Number.NaN, 6));
const whole = await readFile(fixture("npz-deflated/embeddings.npz"));

const refused: readonly [string, Record<string, string | Uint8Array>, string, object?][] = [
  ["nothing there", { "readme.md": "" }, "no table in"],
  ["several tables", { "embeddings.npy": good, "embeddings.bin": "" }, "several tables in"],
  ["a file that is not there", { "embeddings.npy": good }, "other.npy is not in", { file: "other.npy" }],
  ["what is no npy", { "embeddings.npy": "numbers" }, "embeddings.npy is no NumPy array"],
  [
    "a header cut short",
    { "embeddings.npy": good.subarray(0, 60) },
    "was cut short: its header takes 128 bytes, there are 60",
  ],
  ["an npy cut short", { "embeddings.npy": good.subarray(0, 140) }, "was cut short: float32 [2,2] takes 144 bytes"],
  ["an npy with more", { "embeddings.npy": Buffer.concat([good, good]) }, "has more than it says"],
  ["a huge shape", { "embeddings.npy": npy("<f4", [10 ** 9, 10 ** 5], Float32Array.of(1)) }, "was cut short: float32"],
  [
    "a shape beyond counting",
    { "embeddings.npy": npy("<f4", [2 ** 50, 2 ** 50], Float32Array.of(1)) },
    "declares the shape",
  ],
  ["integers", { "embeddings.npy": npy("<i8", [1, 1], BigInt64Array.of(1n)) }, "is of int64; a table is float32"],
  ["an unknown type", { "embeddings.npy": npy("<c8", [1, 1], Float32Array.of(1, 2)) }, "NumPy's type <c8"],
  ["big-endian numbers", { "embeddings.npy": npy(">f4", [1, 1], Float32Array.of(1)) }, "big-endian (>f4)"],
  [
    "one dimension",
    { "embeddings.npy": npy("<f4", [4], Float32Array.of(1, 2, 3, 4)) },
    "has the shape [4]; a table has two",
  ],
  ["no rows", { "embeddings.npy": npy("<f4", [0, 4], new Float32Array(0)) }, "has the shape [0,4]"],
  ["NaN", { "embeddings.npy": nan }, "embeddings.npy, row 1, column 1: NaN or infinity"],
  ["infinity of float16", { "embeddings.npy": npy("<f2", [1, 2], Uint16Array.of(1, 0xfc00)) }, "row 0, column 1"],
  ["a float64 beyond float32", { "embeddings.npy": npy("<f8", [1, 1], Float64Array.of(1e300)) }, "row 0, column 0"],
  [
    "a key twice",
    { "embeddings.npy": good, "keys.txt": "x\nx\n" },
    'keys.txt has the key "x" twice: line 1 and line 2',
  ],
  ["too few keys", { "embeddings.npy": good, "keys.txt": "x\n" }, "keys.txt has 1 keys, the table has 2 rows"],
  ["an empty key", { "embeddings.npy": good, "keys.txt": "x\n\n" }, "keys.txt, line 2: the key is empty"],
  ["int8 without a scale", { "embeddings.npy": npy("|i1", [1, 1], Int8Array.of(1)) }, "an int8 table needs a scale"],
  ["a scale for float32", { "embeddings.npy": good }, "a scale is for int8, and the table is float32", { scale: 2 }],
  [
    "other scales than rows",
    {
      "embeddings.npy": npy("|i1", [3, 1], Int8Array.of(1, 2, 3)),
      "scale.npy": npy("<f4", [2], Float32Array.of(1, 1)),
    },
    "scale.npy has 2 numbers; expected 1, or 3",
  ],
  ["what is no zip", { "embeddings.npz": "PK" }, "embeddings.npz is no .npz file"],
  ["a zip cut short", { "embeddings.npz": whole.subarray(0, 300) }, "embeddings.npz is no .npz file"],
  [
    "an array that is not there",
    { "embeddings.npz": whole },
    'has no "x"; it has embeddings, other',
    { variable: "x" },
  ],
  ["a zip bomb", { "embeddings.npz": zipOf("embeddings.npy", new Uint8Array(10 ** 7)) }, "no table is so repetitive"],
  [
    "a zip that lies of its size",
    { "embeddings.npz": zipOf("embeddings.npy", good, { size: 145 }) },
    "embeddings.npy in embeddings.npz is damaged",
  ],
  [
    "a zip by another method",
    { "embeddings.npz": zipOf("embeddings.npy", good, { method: 12 }) },
    "compressed by method 12",
  ],
  ["what is no safetensors", { "embeddings.safetensors": "abc" }, "is no safetensors file"],
  ["a header beyond the file", { "embeddings.safetensors": new Uint8Array(8).fill(0x7f) }, "is no safetensors file"],
  [
    "a header that is not JSON",
    { "embeddings.safetensors": Buffer.concat([Buffer.of(2, 0, 0, 0, 0, 0, 0, 0), text("no")]) },
    "is not JSON",
  ],
  [
    "offsets beyond the file",
    { "embeddings.safetensors": safetensors({ x: { dtype: "F32", shape: [9, 9], data_offsets: [0, 324] } }, good) },
    '"x", F32 [9,9], takes 324 bytes; it is said to be at bytes 0 to 324 of',
  ],
  [
    "a shape that its offsets are not of",
    { "embeddings.safetensors": safetensors({ x: { dtype: "F32", shape: [9, 9], data_offsets: [0, 8] } }, good) },
    '"x", F32 [9,9], takes 324 bytes',
  ],
  [
    "words without sizes",
    { "embeddings.txt": "the 1 2\nof 3 4\n" },
    "embeddings.txt, line 1: expected the number of words",
  ],
  [
    "a word of another width",
    { "embeddings.txt": "2 2\nthe 1 2\nof 3\n" },
    "embeddings.txt, line 3: 1 numbers, expected 2",
  ],
  ["a word that is no number", { "embeddings.txt": "1 2\nthe 1 two\n" }, 'embeddings.txt, line 2: "two" is no number'],
  ["words cut short", { "embeddings.txt": "3 1\nthe 1\nof 3\n" }, "was cut short: it ends at byte 15, in word 3 of 3"],
  ["more words", { "embeddings.txt": "1 1\nthe 1\nof 3\n" }, "goes on at byte 10, after the 1 words"],
  ["sizes that lie", { "embeddings.bin": "1000000 300\nthe " }, "1000000 words of 300 numbers do not fit"],
  [
    "binary words cut short",
    { "embeddings.bin": "2 1\na \0\0\0\0bcdefgh" },
    "was cut short: it ends at byte 10, in word 2 of 2",
  ],
  ["a word twice", { "embeddings.txt": "2 1\nthe 1\nthe 3\n" }, 'the key "the" twice: word 1 and word 2'],
  ["NaN in words", { "embeddings.txt": "1 2\nthe 1 nan\n" }, "embeddings.txt, row 0, column 1: NaN"],
  [
    "keys inside and beside",
    { "embeddings.txt": "1 1\nthe 1\n", "keys.txt": "x\n" },
    "has its keys inside, and there is a keys.txt",
  ],
  ["what is no ONNX", { "model.onnx": "abc" }, "model.onnx is no ONNX model"],
  ["a SavedModel without variables", { "saved_model.pb": "" }, "variables.index is missing"],
];

describe("refused when it loads, with the file and the place", () => {
  test.each(refused)("%s", async (_, files, message, options = {}) => {
    await using folder = await folderOf(files);
    const error = await openTable(folder.path, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!isServingError(error)) throw error ?? new Error("it was loaded");
    expect(error.message).toContain(message);
    expect(["DATA_LOSS", "FAILED_PRECONDITION", "NOT_FOUND"]).toContain(error.code);
    expect(error.message).not.toContain(folder.path);
  });

  test("a variable and an initializer that are not there are told with those that are", async () => {
    await expect(openTable(fixture("savedmodel"), { variable: "x" })).rejects.toThrow('no "x"; it has bias, vectors');
    await expect(openTable(fixture("onnx"), { variable: "x" })).rejects.toThrow('no "x"; it has vectors, other');
  });
});

test("what is not finite can be let in", async () => {
  await using folder = await folderOf({ "embeddings.npy": nan });
  await using servable = await openTable(folder.path, { check: "never" });
  expect(servable.engine).toContain("2 x 3");
});

test("a load that is aborted is cancelled", async () => {
  await using folder = await folderOf({ "embeddings.npy": good });
  await expect(openTable(folder.path, {}, AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
});

test("a folder is found by its table's name; what could be another model must be named", async () => {
  await using table = await folderOf({ "embeddings.npy": good });
  await using other = await folderOf({ "embeddings.onnx": "", "model.npy": good });
  expect(await isEmbedding(table.path)).toBe(true);
  expect(await isEmbedding(`${table.path}/embeddings.npy`)).toBe(true);
  expect(await isEmbedding(other.path)).toBe(false);
  expect(await isEmbedding(`${other.path}/none`)).toBe(false);
});
