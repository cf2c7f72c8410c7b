import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { otherProcess } from "./processes.js";
import {
  cacheIn,
  forever,
  leftovers,
  noise,
  scriptedFile,
  sums,
  sumsIn,
  temporaryFolder,
  versionOf,
} from "./support.js";

const MB = 2 ** 20;
const bytes = (letter: string, length: number) => Buffer.alloc(length, letter);

describe("several processes", () => {
  test("that want one version at once fetch it once, and all get it", async () => {
    const root = await temporaryFolder();
    const all = await Promise.all([1, 2, 3].map(() => otherProcess(root)));
    for (const each of all) each.bring({ letter: "a", length: MB, pause: 5 });
    const paths = await Promise.all(all.map((each) => each.brought()));
    expect(new Set(paths).size).toBe(1);
    expect(all.flatMap((each) => each.asked())).toEqual([0]);
    expect(await sumsIn(paths[0] ?? "")).toEqual(sums({ a: bytes("a", MB) }));
    await Promise.all(all.map((each) => each.release()));
    expect(await leftovers(root)).toEqual([]);
  });

  test("whose versions share a file fetch that once", async () => {
    const root = await temporaryFolder();
    const [one, two] = await Promise.all([otherProcess(root), otherProcess(root)]);
    const shared = { letter: "s", length: MB, pause: 5 };
    one.bring(shared, { letter: "a", length: 10, pause: 0 });
    two.bring(shared, { letter: "b", length: 10, pause: 0 });
    const [a, b] = await Promise.all([one.brought(), two.brought()]);
    expect((await stat(join(a, "s"))).ino).toBe((await stat(join(b, "s"))).ino);
    // Each has a small file of its own.
    expect([...one.asked(), ...two.asked()]).toHaveLength(3);
  });

  test("one is killed while it fetches: another goes on where it was", async () => {
    const root = await temporaryFolder();
    const [killed, other] = await Promise.all([otherProcess(root), otherProcess(root)]);
    killed.bring({ letter: "a", length: 2 * MB, pause: 10 });
    await killed.sent(MB);
    other.bring({ letter: "a", length: 2 * MB, pause: 0 });
    await killed.kill();
    const path = await other.brought();
    expect(await sumsIn(path)).toEqual(sums({ a: bytes("a", 2 * MB) }));
    const [offset = 0] = other.asked();
    expect(offset).toBeGreaterThanOrEqual(MB);
  });

  test("what a killed one left is cleared away by the next, but for what can be gone on with", async () => {
    const root = await temporaryFolder();
    const killed = await otherProcess(root);
    killed.bring({ letter: "a", length: 2 * MB, pause: 10 });
    await killed.sent(MB);
    await killed.kill();
    const before = await leftovers(root);
    expect(before.map((name) => name.split("/")[0])).toEqual(expect.arrayContaining(["owners", "locks", "parts"]));
    const { file } = scriptedFile({ path: "b", bytes: noise(100) });
    const cache = cacheIn(root);
    (await cache.bring(versionOf([file]), forever())).release();
    await cache.idle();
    const after = await leftovers(root);
    expect(after).toEqual(before.filter((name) => name.startsWith("parts/")));
  });

  test("what one of them uses is evicted by none, until it has released it or is dead", async () => {
    const root = await temporaryFolder();
    const user = await otherProcess(root);
    const cache = cacheIn(root, { quota: 1.5 * MB });
    const bringAnother = async (seed: number) => {
      const { file } = scriptedFile({ path: "a", bytes: noise(MB, seed) });
      (await cache.bring(versionOf([file], BigInt(seed)), forever())).release();
      await cache.idle();
    };
    user.bring({ letter: "a", length: MB, pause: 0 });
    const path = await user.brought();
    for (const seed of [1, 2]) await bringAnother(seed);
    expect(await sumsIn(path)).toEqual(sums({ a: bytes("a", MB) }));
    await user.kill();
    await bringAnother(3);
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await readdir(join(root, "versions"))).toHaveLength(1);
  });
});
