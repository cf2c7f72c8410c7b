import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Servable } from "../../../../core/index.js";
import { hasUsearch } from "../../../../plugins/servables/embedding/index/usearch.js";
import { ask, floats, folderOf, npy, openTable } from "./tables.js";

const [ROWS, WIDTH] = [1500, 16];
let seed = 42;
/** Numbers that look random, the same at every run. */
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32 - 0.5;
};
const numbers = Float32Array.from({ length: ROWS * WIDTH }, () => random() + random() + random());
const table = npy("<f4", [ROWS, WIDTH], numbers);
const queries = floats(
  Array.from({ length: 40 * WIDTH }, () => random() + random()),
  [40, WIDTH],
);
const k = { dtype: "int32", shape: [], data: Int32Array.of(10) } as const;

const nearest = async (servable: Servable) => {
  const { ids, scores } = await ask(servable, "nearest", { query: queries, k });
  return { ids: Array.from(ids!.data as BigInt64Array, Number), scores: Array.from(scores!.data as Float32Array) };
};

describe.skipIf(!hasUsearch())("a graph of the rows", () => {
  test.each(["cosine", "dot", "l2"])(
    "finds by %s nearly all that comparing every row finds, with the same scores",
    async (metric) => {
      await using folder = await folderOf({ "embeddings.npy": table });
      await using exact = await openTable(folder.path, { metric, index: "exact" });
      await using graph = await openTable(folder.path, { metric, index: "hnsw", expansion: 64 });
      const [expected, found] = [await nearest(exact), await nearest(graph)];
      const scores = new Map(expected.ids.map((id, i) => [`${Math.floor(i / 10)}:${id}`, expected.scores[i]]));
      const hits = found.ids.flatMap((id, i) => {
        const score = scores.get(`${Math.floor(i / 10)}:${id}`);
        return score === undefined ? [] : [[found.scores[i], score] as const];
      });
      expect(hits.length / expected.ids.length).toBeGreaterThan(0.9);
      for (const [score, true_] of hits) expect(score).toBe(true_);
      expect(graph.engine).toMatch(/nearest: hnsw, recall (1\.000|0\.9\d\d)/);
    },
  );

  test("is stored beside the table when that is asked for, and taken from there", async () => {
    await using folder = await folderOf({ "embeddings.npy": table });
    const chosen = { index: "hnsw", keepIndex: true };
    const first = await (async () => {
      await using servable = await openTable(folder.path, chosen);
      return await nearest(servable);
    })();
    expect((await readdir(folder.path)).sort()).toEqual(["embeddings.npy", "index.cosine.usearch"]);
    // `auto` builds none for so few rows, and does not look for one.
    await using stored = await openTable(folder.path, { index: "hnsw" });
    expect(await nearest(stored)).toEqual(first);
  });

  test("of another table is refused", async () => {
    const other = Float32Array.from({ length: ROWS * WIDTH }, random);
    await using folder = await folderOf({ "embeddings.npy": table });
    await using wrong = await folderOf({ "embeddings.npy": npy("<f4", [ROWS, WIDTH], other) });
    await using fewer = await folderOf({ "embeddings.npy": npy("<f4", [7, WIDTH], other.subarray(0, 7 * WIDTH)) });
    await (await openTable(folder.path, { index: "hnsw", keepIndex: true }))[Symbol.asyncDispose]();
    for (const [each, message] of [
      [wrong, "it finds 0.0"],
      [fewer, "it has 1500 rows, the table 7"],
    ] as const) {
      await copyFile(`${folder.path}/index.cosine.usearch`, `${each.path}/index.cosine.usearch`);
      await expect(openTable(each.path, { index: "hnsw" })).rejects.toThrow(message);
    }
    const whole = await readFile(`${folder.path}/index.cosine.usearch`);
    for (const broken of [Buffer.from("no graph"), whole.subarray(0, 20_000), whole.subarray(0, -9)]) {
      await writeFile(`${folder.path}/index.cosine.usearch`, broken);
      await expect(openTable(folder.path, { index: "hnsw" })).rejects.toThrow("is not of this table");
    }
  });

  test("of fewer rows than are asked for gives all of them", async () => {
    await using folder = await folderOf({
      "embeddings.npy": npy("<f4", [4, 2], Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0)),
    });
    await using servable = await openTable(folder.path, { index: "hnsw" });
    const { ids } = await ask(servable, "nearest", { query: floats([1, 0], [1, 2]), k });
    expect(ids).toMatchObject({ shape: [1, 4], data: BigInt64Array.of(0n, 2n, 1n, 3n) });
  });

  test("that is being built when the load is aborted is given up", async () => {
    await using folder = await folderOf({ "embeddings.npy": table });
    const end = new AbortController();
    const loading = openTable(folder.path, { index: "hnsw" }, end.signal);
    setTimeout(() => end.abort(), 50);
    await loading.then(
      (servable) => servable[Symbol.asyncDispose](),
      (error) => expect(error).toMatchObject({ code: "CANCELLED" }),
    );
  });
});
