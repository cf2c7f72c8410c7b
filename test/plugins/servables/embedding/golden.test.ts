import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { strings, type Tensor, type Tensors, texts } from "../../../../core/index.js";
import { ask, fixture, floats, ids, openTable } from "./tables.js";

type Golden = {
  readonly table: readonly number[][];
  readonly float16: readonly number[][];
  readonly bfloat16: readonly number[][];
  readonly int8: readonly number[][];
  readonly keys: readonly string[];
  readonly bags: readonly (readonly [number, number][])[];
  readonly combined: Readonly<Record<string, { readonly plain: number[][]; readonly weighted: number[][] }>>;
  readonly queries: readonly number[][];
  readonly nearest: Readonly<Record<string, { readonly ids: number[][]; readonly scores: number[][] }>>;
};
const golden = JSON.parse(await readFile(fixture("golden.json"), "utf8")) as Golden;
const { table, keys, bags } = golden;
const width = table[0]!.length;
const NOTHING = [-1, 1] as const;
const every = ids(table.map((_, row) => row));

function expectClose(actual: Tensor | undefined, expected: readonly (readonly number[])[], digits = 6): void {
  expect(actual?.shape).toEqual([expected.length, expected[0]?.length]);
  const flat = expected.flat();
  for (const [i, value] of Array.from(actual!.data as Float32Array).entries())
    expect(value).toBeCloseTo(flat[i]!, digits);
}

describe("every format gives the table that was written", () => {
  test.each([
    ["npy", table],
    ["npy-fortran", table],
    ["npy-float64", table],
    ["npy-float16", golden.float16],
    ["npy-int8", golden.int8],
    ["npz-stored", table],
    ["npz-deflated", table],
    ["safetensors", table],
    ["safetensors-bfloat16", golden.bfloat16],
    ["onnx", table, { variable: "vectors" }],
    ["onnx", table],
    ["onnx-external", table],
    ["savedmodel", table, { variable: "vectors" }],
    ["savedmodel", table],
  ] as readonly [string, readonly number[][], object?][])("%s", async (name, expected, options = {}) => {
    await using servable = await openTable(fixture(name), options);
    const { embeddings } = await ask(servable, "serving_default", { ids: every });
    expectClose(embeddings, expected, 12);
  });

  test.each(["keys", "word2vec-binary", "word2vec-text"])("%s, by key and by id", async (name) => {
    await using servable = await openTable(fixture(name));
    const reversed = [...keys].reverse();
    const byKey = await ask(servable, "serving_default", { keys: strings(reversed) });
    expectClose(byKey.embeddings, [...table].reverse(), 12);
    expectClose((await ask(servable, "by_id", { ids: every })).embeddings, table, 12);
  });
});

describe("bags are TensorFlow's safe_embedding_lookup_sparse", () => {
  const longest = Math.max(...bags.map((bag) => bag.length));
  const padded = bags.map((bag) => Array.from({ length: longest }, (_, i) => bag[i] ?? NOTHING));
  const square = [bags.length, longest];
  const flat = bags.flat();
  const lengths = ids(bags.map((bag) => bag.length));
  const splits = ids([0, ...bags.map((_, i) => bags.slice(0, i + 1).flat().length)]);

  test.each(Object.keys(golden.combined))("%s", async (combiner) => {
    const { plain, weighted } = golden.combined[combiner]!;
    await using servable = await openTable(fixture("npy"));
    const combine = async (signature: string, inputs: Tensors) => (await ask(servable, signature, inputs)).embeddings;
    const paddedIds = ids(
      padded.flatMap((bag) => bag.map(([id]) => id)),
      square,
    );
    const paddedWeights = floats(
      padded.flatMap((bag) => bag.map(([, weight]) => weight)),
      square,
    );
    expectClose(await combine(combiner, { ids: paddedIds }), plain);
    expectClose(await combine(combiner, { ids: paddedIds, weights: paddedWeights }), weighted);

    const ragged = { ids: ids(flat.map(([id]) => id)) };
    const weights = floats(flat.map(([, weight]) => weight));
    expectClose(await combine(`${combiner}_ragged`, { ...ragged, lengths }), plain);
    expectClose(await combine(`${combiner}_ragged`, { ...ragged, row_splits: splits }), plain);
    expectClose(await combine(`${combiner}_ragged`, { ...ragged, row_splits: splits, weights }), weighted);
  });

  test("by keys, where the empty one is padding", async () => {
    await using servable = await openTable(fixture("keys"));
    const items = strings(
      padded.flatMap((bag) => bag.map(([id]) => (id < 0 ? "" : keys[id]!))),
      square,
    );
    expectClose((await ask(servable, "mean", { keys: items })).embeddings, golden.combined.mean!.plain);
  });
});

describe("the nearest are NumPy's", () => {
  const query = floats(golden.queries.flat(), [golden.queries.length, width]);
  test.each(Object.keys(golden.nearest))("%s", async (metric) => {
    const expected = golden.nearest[metric]!;
    await using servable = await openTable(fixture("keys"), { metric });
    const found = await ask(servable, "nearest", { query, k: { dtype: "int32", shape: [], data: Int32Array.of(4) } });
    expect(Array.from(found.ids!.data as BigInt64Array, Number)).toEqual(expected.ids.flat());
    expect(texts(found.keys!)).toEqual(expected.ids.flat().map((id) => keys[id]));
    expectClose(found.scores, expected.scores, 5);
  });
});
