import { checkFactory, describeServable } from "salver/testing";
import { afterAll, describe, expect, test } from "vitest";
import { type ServableFactory, strings, type Tensors } from "../../../../core/index.js";
import plugin from "../../../../plugins/servables/embedding/index.js";
import { describeSignatures } from "../../../../plugins/servables/embedding/serve/signatures.js";
import { ask, floats, folderOf, ids, loaderOf, npy, openTable } from "./tables.js";

const factory = plugin.factories[0] as ServableFactory;
test("the factory is complete", () => checkFactory(factory));

test("what has no rows in common with its like says that it cannot be batched", () => {
  const unbatched = [...describeSignatures(3, true, { ids: ids([0]), keys: strings(["a"]) })].flatMap(
    ([name, { signature }]) => ((signature.batched ?? true) ? [] : [name]),
  );
  expect(unbatched.sort()).toEqual(["mean_ragged", "nearest", "sqrtn_ragged", "sum_ragged"]);
});

const numbers = Float32Array.from({ length: 12 }, (_, i) => i);
const files = { "embeddings.npy": npy("<f4", [4, 3], numbers), "keys.txt": "a\nb\nc\nd\n" };
const k = (value: number) => ({ dtype: "int32", shape: [], data: Int32Array.of(value) }) as const;
const byId = await folderOf({ "embeddings.npy": files["embeddings.npy"] });
const byKey = await folderOf(files);
const large = await folderOf({ "embeddings.npy": npy("<f4", [600, 64], new Float32Array(38_400).fill(0.5)) });
afterAll(async () => {
  for (const folder of [byId, byKey, large]) await folder[Symbol.asyncDispose]();
});
test.each([
  ["by id", () => byId.path],
  ["by key", () => byKey.path],
])("each signature's example is answered: %s", async (_, path) => {
  await using servable = await openTable(path(), {});
  const examples = Object.entries(servable.signatures).filter(([name]) => name !== "nearest");
  expect(examples.length).toBeGreaterThan(6);
  for (const [name, { example }] of examples) {
    const { embeddings } = await ask(servable, name, example!);
    expect(embeddings!.shape.at(-1)).toBe(3);
    expect((embeddings!.data as Float32Array).some((each) => each !== 0)).toBe(true);
  }
});

const query = floats([9, 10, 11], [1, 3]);
const item = ids([1, 3]);

describeServable({ describe, test }, "embedding by id", {
  open: () => openTable(byId.path, { metric: "l2" }),
  cases: [
    {
      signature: "serving_default",
      inputs: { ids: ids([2, 0]) },
      outputs: { embeddings: floats([6, 7, 8, 0, 1, 2], [2, 3]) },
    },
    { signature: "serving_default", inputs: { ids: ids([3], []) }, outputs: { embeddings: floats([9, 10, 11], [3]) } },
    { signature: "serving_default", inputs: { ids: ids([], [2, 0]) }, outputs: { embeddings: floats([], [2, 0, 3]) } },
    {
      signature: "sum",
      inputs: { ids: ids([0, 1, 2, -1], [2, 2]) },
      outputs: { embeddings: floats([3, 5, 7, 6, 7, 8], [2, 3]) },
    },
    {
      signature: "mean",
      inputs: { ids: ids([0, 1], [1, 2]), weights: floats([3, 1], [1, 2]) },
      outputs: { embeddings: floats([0.75, 1.75, 2.75], [1, 3]) },
    },
    {
      signature: "sqrtn",
      inputs: { ids: ids([], [2, 0]) },
      outputs: { embeddings: floats([0, 0, 0, 0, 0, 0], [2, 3]) },
    },
    {
      signature: "sum_ragged",
      inputs: { ids: item, lengths: ids([0, 2]) },
      outputs: { embeddings: floats([0, 0, 0, 12, 14, 16], [2, 3]) },
    },
    {
      signature: "nearest",
      inputs: { query, k: k(2) },
      outputs: { ids: ids([3, 2], [1, 2]), scores: floats([0, Math.sqrt(27)], [1, 2]) },
    },
    { signature: "nearest", inputs: { query: floats([], [0, 3]) } },
    // More than the table has.
    { signature: "nearest", inputs: { query } },
  ],
  wrong: [
    { signature: "serving_default", inputs: { ids: ids([4]) } },
    { signature: "serving_default", inputs: { ids: ids([-1]) } },
    { signature: "sum", inputs: { ids: ids([1]) } },
    { signature: "sum", inputs: { ids: ids([1], [1, 1]), weights: floats([1]) } },
    { signature: "sum", inputs: { ids: ids([1], [1, 1]), weights: floats([Number.NaN], [1, 1]) } },
    { signature: "sum_ragged", inputs: { ids: item } },
    { signature: "sum_ragged", inputs: { ids: item, lengths: ids([2]), row_splits: ids([0, 2]) } },
    { signature: "sum_ragged", inputs: { ids: item, lengths: ids([1]) } },
    { signature: "sum_ragged", inputs: { ids: item, lengths: ids([3, -1]) } },
    { signature: "sum_ragged", inputs: { ids: item, row_splits: ids([0, 2, 1, 2]) } },
    { signature: "sum_ragged", inputs: { ids: item, row_splits: ids([1, 2]) } },
    { signature: "sum_ragged", inputs: { ids: item, row_splits: ids([]) } },
    { signature: "sum_ragged", inputs: { ids: ids([1], [1, 1]), lengths: ids([1]) } },
    { signature: "nearest", inputs: { query: floats([1, 2], [1, 2]) } },
    { signature: "nearest", inputs: { query: floats([1, 2, 3]) } },
    { signature: "nearest", inputs: { query: floats([1, Number.NaN, 2], [1, 3]) } },
    { signature: "nearest", inputs: { query, k: k(0) } },
    { signature: "nearest", inputs: { query, k: k(1001) } },
  ],
});

describeServable({ describe, test }, "embedding by key", {
  open: () => openTable(byKey.path, { unknown: "default", default: [7, 8, 9], memory: "copy" }),
  cases: [
    {
      signature: "serving_default",
      inputs: { keys: strings(["d", "nobody", ""]) },
      outputs: { embeddings: floats([9, 10, 11, 7, 8, 9, 7, 8, 9], [3, 3]) },
    },
    { signature: "by_id", inputs: { ids: ids([1, 9]) }, outputs: { embeddings: floats([3, 4, 5, 7, 8, 9], [2, 3]) } },
    {
      signature: "mean",
      inputs: { keys: strings(["a", "nobody", "", ""], [2, 2]) },
      outputs: { embeddings: floats([3.5, 4.5, 5.5, 0, 0, 0], [2, 3]) },
    },
    { signature: "nearest", inputs: { query, k: k(1) } },
  ],
});

describeServable({ describe, test }, "embedding in its threads", {
  open: () => openTable(large.path),
  cases: [
    { signature: "serving_default", inputs: { ids: ids(Array.from({ length: 500 }, (_, i) => i)) } },
    {
      signature: "mean",
      inputs: {
        ids: ids(
          Array.from({ length: 500 }, (_, i) => i),
          [5, 100],
        ),
      },
    },
    { signature: "nearest", inputs: { query: floats(new Array(128).fill(1), [2, 64]) } },
  ],
});

const answer = async (path: string, chosen: object, signature: string, inputs: Tensors) => {
  await using servable = await openTable(path, chosen);
  return ask(servable, signature, inputs);
};

describe("what the table lacks", () => {
  const asked = { ids: ids([1, 2, 3, 9], [2, 2]) };
  test("is an error that names the id, its place and the table's size", async () => {
    await expect(answer(byId.path, {}, "serving_default", asked)).rejects.toThrow(
      "id 9 at [1,1] is not in the table, which has the ids 0 to 3",
    );
    await expect(answer(byKey.path, {}, "serving_default", { keys: strings(["a", "zz"]) })).rejects.toThrow(
      'key "zz" at [1] is not in the table, which has 4 keys',
    );
    // Beyond 32 bits, and the row 1 in their lower half.
    await expect(answer(byId.path, {}, "serving_default", { ids: ids([2 ** 32 + 1]) })).rejects.toThrow(
      "id 4294967297",
    );
  });

  test.each([
    ["zero", { unknown: "zero" }, [0, 0, 0]],
    ["numbers", { unknown: "default", default: [1, 1, 2] }, [1, 1, 2]],
    ["a row", { unknown: "default", default: 1 }, [3, 4, 5]],
    ["a file", { unknown: "default", default: "unknown.npy" }, [-1, -2, -3]],
  ])("is %s", async (_, chosen, expected) => {
    await using folder = await folderOf({ ...files, "unknown.npy": npy("<f8", [3], Float64Array.of(-1, -2, -3)) });
    const { embeddings } = await answer(folder.path, chosen, "by_id", { ids: ids([-5]) });
    expect(Array.from(embeddings!.data as Float32Array)).toEqual(expected);
  });

  test.each([
    [{ unknown: "default" }, "needs a vector"],
    [{ unknown: "default", default: [1] }, "1 numbers, the table's have 3"],
    [{ unknown: "default", default: 4 }, "the table has 4 rows"],
    [{ unknown: "default", default: "none.npy" }, "none.npy is not there"],
    [{ default: [1, 2, 3] }, "goes with unknown: default"],
  ])("%j is refused at load", async (chosen, message) => {
    await expect(openTable(byId.path, chosen)).rejects.toThrow(message);
  });
});

test("padding can be another id, which gathering does not know", async () => {
  const chosen = { padding: 0 };
  const { embeddings } = await answer(byId.path, chosen, "sum", { ids: ids([0, 1], [1, 2]) });
  expect(Array.from(embeddings!.data as Float32Array)).toEqual([3, 4, 5]);
  const gathered = await answer(byId.path, chosen, "serving_default", { ids: ids([0]) });
  expect(Array.from(gathered.embeddings!.data as Float32Array)).toEqual([0, 1, 2]);
});

test("a table of fewer rows than k answers with all of them", async () => {
  const found = await answer(byKey.path, { metric: "dot" }, "nearest", { query });
  expect(found.ids).toMatchObject({ shape: [1, 4], data: BigInt64Array.of(3n, 2n, 1n, 0n) });
});

test("says how large it is and where it is", async () => {
  await using servable = await openTable(byId.path);
  expect(servable.engine).toBe("4 x 3 float32, in memory; nearest: exact");
  const { memory } = await loaderOf(byId.path).estimate();
  expect(memory).toBeGreaterThan(48);
});
