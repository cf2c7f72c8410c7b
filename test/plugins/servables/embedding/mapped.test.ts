import { readFile, truncate } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Tensors } from "../../../../core/index.js";
import { canMapFiles } from "../../../../plugins/runtimes/native/index.js";
import { garbageCollector } from "../../../soak/collect.js";
import { ask, floats, folderOf, ids, loaderOf, npy, openTable } from "./tables.js";

const [ROWS, WIDTH] = [40_000, 32];
const numbers = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => ((i * 37) % 1013) / 8);
const file = npy("<f4", [ROWS, WIDTH], numbers);
const half = Uint16Array.from({ length: 2 * ROWS * WIDTH }, (_, i) => 0x3c00 + (i % 512));
const collect = garbageCollector();
const mapsOf = () => readFile("/proc/self/maps", "utf8");
const rowsAt = (asked: readonly number[]) =>
  asked.flatMap((row) => [...numbers.subarray(row * WIDTH, (row + 1) * WIDTH)]);
const few = [0, 39_999, 17];
const many = Array.from({ length: 3000 }, (_, i) => (i * 7919) % ROWS);

const safetensors = (pad: number) => {
  const entry = { dtype: "F32", shape: [ROWS, WIDTH], data_offsets: [0, numbers.byteLength] };
  const json = JSON.stringify({ table: entry });
  const header = Buffer.from(json.padEnd(Math.ceil((json.length + 8) / 8) * 8 - 8 + pad));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, new Uint8Array(numbers.buffer)]);
};

async function expectRows(path: string, chosen: object, asked: readonly number[]): Promise<string | undefined> {
  await using servable = await openTable(path, chosen);
  const { embeddings } = await ask(servable, "serving_default", { ids: ids(asked) });
  expect(embeddings!.data).toEqual(Float32Array.from(rowsAt(asked)));
  return servable.engine;
}

describe.skipIf(!canMapFiles())("a table that stays in its file", () => {
  test.each([
    ["an aligned npy", { "embeddings.npy": file }, "mapped"],
    ["an aligned safetensors", { "embeddings.safetensors": safetensors(0) }, "mapped"],
    ["one that begins in the middle of a number", { "embeddings.safetensors": safetensors(1) }, "in memory"],
  ])("%s", async (_, files, where) => {
    await using folder = await folderOf(files as Record<string, Uint8Array>);
    const check = "never";
    expect(await expectRows(folder.path, { check }, few)).toContain(where);
    expect(await expectRows(folder.path, { check, memory: "copy" }, few)).toContain("in memory");
  });

  test("in threads", async () => {
    await using folder = await folderOf({ "embeddings.npy": file });
    await expectRows(folder.path, {}, many);
  });

  test("takes no memory of its own by the estimate, a copy takes all of it", async () => {
    await using folder = await folderOf({ "embeddings.npy": file });
    const mapped = await loaderOf(folder.path).estimate();
    const copied = await loaderOf(folder.path, { memory: "copy" }).estimate();
    expect(copied.memory - mapped.memory).toBe(numbers.byteLength);
  });

  test("float16, bags and neighbours too", async () => {
    await using folder = await folderOf({ "embeddings.npy": npy("<f2", [2 * ROWS, WIDTH], half) });
    await using servable = await openTable(folder.path, { metric: "dot", check: "never" });
    expect(servable.engine).toContain("float16, mapped");
    const { embeddings } = await ask(servable, "sum", { ids: ids([0, 0], [1, 2]) });
    expect(embeddings!.data[1]).toBeCloseTo(2 * (1 + 1 / 1024), 6);
    const found = await ask(servable, "nearest", { query: floats(new Array(WIDTH).fill(1), [1, WIDTH]) });
    // Row 15 of every 16 has the largest numbers.
    expect(Array.from(found.ids!.data as BigInt64Array, Number)).toEqual(
      Array.from({ length: 10 }, (_, i) => 16 * i + 15),
    );
  });

  test("NaN in it is found, and the mapping is let go", async () => {
    const broken = Float32Array.from(numbers);
    broken[39_998 * WIDTH + 5] = Number.NaN;
    await using folder = await folderOf({ "embeddings.npy": npy("<f4", [ROWS, WIDTH], broken) });
    await expect(openTable(folder.path)).rejects.toThrow("embeddings.npy, row 39998, column 5: NaN");
    if (process.platform === "linux") expect(await mapsOf()).not.toContain(folder.path);
  });

  test("one that was cut short is refused before anything of it is touched", async () => {
    await using folder = await folderOf({ "embeddings.npy": file });
    await truncate(`${folder.path}/embeddings.npy`, file.length - 1);
    await expect(openTable(folder.path)).rejects.toThrow("was cut short");
  });

  test("a load that is aborted while the table is looked through leaves no mapping", async () => {
    await using folder = await folderOf({ "embeddings.npy": file });
    for (const wait of [0, 20]) {
      const end = new AbortController();
      const loading = openTable(folder.path, {}, end.signal).then(
        (servable) => servable[Symbol.asyncDispose](),
        (error) => expect(error).toMatchObject({ code: "CANCELLED" }),
      );
      await sleep(wait);
      end.abort();
      await loading;
    }
    if (process.platform === "linux") expect(await mapsOf()).not.toContain(folder.path);
  });

  test("loads and unloads again and again, with requests in threads and on the loop, and keeps no mapping", async () => {
    await using folder = await folderOf({ "embeddings.npy": file });
    const cycle = async (): Promise<readonly Tensors[]> => {
      await using servable = await openTable(folder.path, { threads: 1, check: "never" });
      return await Promise.all([few, many, many].map((asked) => ask(servable, "serving_default", { ids: ids(asked) })));
    };
    for (let i = 0; i < 3; i++) {
      const [first, second] = await cycle();
      collect();
      // Answers are copies: the table that they come from is gone.
      expect(first!.embeddings!.data).toEqual(Float32Array.from(rowsAt(few)));
      expect(second!.embeddings!.data).toEqual(Float32Array.from(rowsAt(many)));
    }
    if (process.platform === "linux") expect(await mapsOf()).not.toContain(folder.path);
  }, 120_000);
});
