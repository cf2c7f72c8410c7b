import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test("a version comes whole, and nothing else stays when it is released", async () => {
  const root = await temporaryFolder();
  const cache = cacheIn(root);
  const [graph, weights] = [noise(300, 1), noise(200_000, 2)];
  const files = [
    scriptedFile({ path: "saved_model.pb", bytes: graph }),
    scriptedFile({ path: "variables/variables.data", bytes: weights }),
    scriptedFile({ path: "empty", bytes: Buffer.alloc(0) }),
  ];
  const { path, release } = await cache.bring(versionOf(files.map(({ file }) => file)), forever());
  expect(await sumsIn(path)).toEqual(
    sums({ "saved_model.pb": graph, "variables/variables.data": weights, empty: Buffer.alloc(0) }),
  );
  release();
  release();
  await cache.idle();
  expect(await leftovers(root)).toEqual([]);
});

test("what is here is not fetched again, by this process or a later one", async () => {
  const root = await temporaryFolder();
  const { file, asked } = scriptedFile({ path: "a", bytes: noise(100_000) });
  const [first, later] = [cacheIn(root), cacheIn(root)];
  const before = await first.bring(versionOf([file]), forever());
  const again = await first.bring(versionOf([file]), forever());
  before.release();
  const there = await later.bring(versionOf([file]), forever());
  expect([again.path, there.path]).toEqual([before.path, before.path]);
  expect(asked).toEqual([0]);
});

test("equal files of two versions are fetched once and stored once", async () => {
  const root = await temporaryFolder();
  const cache = cacheIn(root);
  const shared = scriptedFile({ path: "assets/vocabulary", bytes: noise(150_000) });
  const renamed = scriptedFile({ path: "assets/words", bytes: noise(150_000) });
  const one = await cache.bring(versionOf([shared.file], 1n), forever());
  const two = await cache.bring(
    versionOf([renamed.file, scriptedFile({ path: "b", bytes: noise(9) }).file], 2n),
    forever(),
  );
  expect([shared.asked, renamed.asked]).toEqual([[0], []]);
  const inodes = [join(one.path, "assets/vocabulary"), join(two.path, "assets/words")].map(
    async (path) => (await stat(path)).ino,
  );
  const [first, second] = await Promise.all(inodes);
  expect(second).toBe(first);
  expect(await readdir(join(root, "blobs"))).toHaveLength(2);
});
