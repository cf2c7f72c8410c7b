import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RemoteFile } from "salver";
import { recordingLogger } from "salver/testing";
import { expect, test } from "vitest";
import { cacheIn, forever, noise, scriptedFile, sums, sumsIn, temporaryFolder, versionOf } from "./support.js";

const page = Buffer.from("<html>wait</html>");
const model = noise(300);

/** One of which nothing is known beforehand; for a moment its server sends something else. */
function momentarilyWrong(more: readonly RemoteFile[] = []) {
  const [wrong, right] = [page, model].map((bytes) => scriptedFile({ path: "saved_model.pb", bytes, say: {} }));
  let moment = true;
  const version = versionOf([
    { ...wrong!.file, fetch: (...asked) => (moment ? wrong : right)!.file.fetch(...asked) },
    ...more,
  ]);
  const passes = () => {
    moment = false;
  };
  return { version, passes };
}

const kept = async (root: string) =>
  (await Promise.all(["versions", "blobs"].map((room) => readdir(join(root, room))))).flat();

test("a version that could not be loaded is fetched anew by the next attempt, and nothing of it stays", async () => {
  const root = await temporaryFolder();
  const log = recordingLogger();
  const cache = cacheIn(root, { log });
  // Many: what is let go is not gone at once, and must not be handed out meanwhile.
  const names = Array.from({ length: 60 }, (_, i) => `assets/${i}`);
  const { version, passes } = momentarilyWrong(names.map((path) => scriptedFile({ path, bytes: model, say: {} }).file));
  const spoiled = await cache.bring(version, forever());
  spoiled.release({ spoiled: true });
  passes();
  const { path } = await cache.bring(version, forever());
  expect(await sumsIn(path)).toEqual(
    sums(Object.fromEntries(["saved_model.pb", ...names].map((name) => [name, model]))),
  );
  expect(log.lines.map(({ message }) => message)).toContain(
    "m 1 could not be loaded, and no SHA-256 vouches for all that came from memory://m/1/: " +
      "it is not kept, the next attempt fetches it anew",
  );
  expect(await kept(root)).toHaveLength(2);
});

test("a later process fetches it anew as well", async () => {
  const root = await temporaryFolder();
  const cache = cacheIn(root);
  const { version } = momentarilyWrong();
  (await cache.bring(version, forever())).release({ spoiled: true });
  await cache.idle();
  expect(await cacheIn(root).has(version)).toBe(false);
  expect(await kept(root)).toEqual([]);
});

test("while another uses the same files they stay; when the last one leaves with them spoiled they go", async () => {
  const root = await temporaryFolder();
  const [cache, other] = [cacheIn(root), cacheIn(root)];
  const { version } = momentarilyWrong();
  const [one, two] = await Promise.all([cache.bring(version, forever()), cache.bring(version, forever())]);
  const three = await cache.bring(version, forever());
  const elsewhere = await other.bring(version, forever());
  for (const each of [one, two, three]) each.release({ spoiled: true });
  await cache.idle();
  expect((await stat(one.path)).isDirectory()).toBe(true);
  expect(await cache.has(version)).toBe(true);
  elsewhere.release({ spoiled: true });
  await other.idle();
  expect(await cache.has(version)).toBe(false);
});

test("what has a SHA-256 for each file stays: no other bytes would come", async () => {
  const cache = cacheIn(await temporaryFolder());
  const sure = versionOf([scriptedFile({ path: "saved_model.pb", bytes: model }).file]);
  (await cache.bring(sure, forever())).release({ spoiled: true });
  await cache.idle();
  expect(await cache.has(sure)).toBe(true);
});

test("what was in use and is released stays", async () => {
  const cache = cacheIn(await temporaryFolder());
  const { version } = momentarilyWrong();
  (await cache.bring(version, forever())).release();
  await cache.idle();
  expect(await cache.has(version)).toBe(true);
});
