import { appendFile, mkdir, rename, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "salver";
import { fakeClock, recordingLogger } from "salver/testing";
import { expect, test, vi } from "vitest";
import { fingerprint } from "../../../../plugins/sources/filesystem/fingerprint.js";
import { settling } from "../../../../plugins/sources/filesystem/settling.js";
import { temporaryFolder, writeFiles } from "./stage.js";

const files = { "saved_model.pb": "graph", "variables/variables.index": "index" };
const minuteAgo = () => new Date(Date.now() - 60_000);

async function age(folder: string) {
  for (const name of [...Object.keys(files), "variables", "."])
    await utimes(join(folder, name), minuteAgo(), minuteAgo());
}

test("at the first look a version that nobody touched lately is settled at once, a fresh one is not", async () => {
  await using root = await temporaryFolder();
  const [old, fresh] = [join(root.path, "1"), join(root.path, "2")];
  await writeFiles(old, files);
  await age(old);
  await writeFiles(fresh, files);
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  expect([...(await state.settled([old, fresh]))]).toEqual([old]);
  expect(state.due()).toBe(1000);
  clock.advance(1000);
  expect([...(await state.settled([old, fresh]))]).toEqual([old, fresh]);
  expect(state.due()).toBeUndefined();
});

test("a look so slow that a fresh version has aged by its end does not take it", async () => {
  await using root = await temporaryFolder();
  const fresh = join(root.path, "1");
  await writeFiles(fresh, files);
  const clock = fakeClock();
  const wall = vi.spyOn(Date, "now");
  const start = Date.now();
  wall.mockReturnValueOnce(start).mockReturnValue(start + 60_000);
  const state = settling(1000, clock, silentLogger);
  const first = await state.settled([fresh]);
  wall.mockRestore();
  expect(first.size).toBe(0);

  const slow = { ...clock, now: vi.fn(() => 0) };
  const other = settling(1000, slow, silentLogger);
  await other.settled([fresh]);
  slow.now.mockReturnValueOnce(999).mockReturnValue(5000);
  expect((await other.settled([fresh])).size).toBe(0);
});

test("what lies near the top counts before what lies deep", async () => {
  await using root = await temporaryFolder();
  const folder = join(root.path, "1");
  await writeFiles(folder, files);
  const assets = join(folder, "assets");
  await mkdir(assets);
  for (const name of ["a", "b", "c"]) await symlink(assets, join(assets, name));
  const before = await fingerprint(folder);
  await appendFile(join(folder, "saved_model.pb"), "more");
  expect((await fingerprint(folder)).digest).not.toBe(before.digest);
});

test("one file touched deep inside makes an old version fresh", async () => {
  await using root = await temporaryFolder();
  const old = join(root.path, "1");
  await writeFiles(old, files);
  await age(old);
  await utimes(join(old, "variables/variables.index"), new Date(), new Date());
  expect((await settling(1000, fakeClock(), silentLogger).settled([old])).size).toBe(0);
});

test("after the first look age counts for nothing: an old folder moved into place waits like any other", async () => {
  await using root = await temporaryFolder();
  const [aside, place] = [join(root.path, "aside"), join(root.path, "1")];
  await writeFiles(aside, files);
  await age(aside);
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  await state.settled([]);
  await rename(aside, place);
  expect((await state.settled([place])).size).toBe(0);
  clock.advance(1000);
  expect((await state.settled([place])).size).toBe(1);
});

test.each<[string, (folder: string) => Promise<unknown>]>([
  ["a file grows", (folder) => appendFile(join(folder, "saved_model.pb"), "x")],
  [
    "a file grows that keeps its time",
    async (folder) => {
      await appendFile(join(folder, "saved_model.pb"), "x");
      await utimes(join(folder, "saved_model.pb"), new Date(1e12), new Date(1e12));
    },
  ],
  ["a file appears", (folder) => appendFile(join(folder, `variables/data-${Math.random()}`), "x")],
  ["an empty folder appears", (folder) => mkdir(join(folder, `assets-${Math.random()}`))],
  [
    "a file is written again",
    (folder) => utimes(join(folder, "saved_model.pb"), new Date(), new Date(Math.random() * 1e12)),
  ],
])("while %s between looks, the version is not settled", async (_, change) => {
  await using root = await temporaryFolder();
  const folder = join(root.path, "1");
  await writeFiles(folder, files);
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  for (let look = 0; look < 5; look++) {
    expect((await state.settled([folder])).size).toBe(0);
    clock.advance(1000);
    await change(folder);
  }
  await state.settled([folder]);
  clock.advance(1000);
  expect((await state.settled([folder])).size).toBe(1);
});

test("two equal looks in quick succession are not enough", async () => {
  await using root = await temporaryFolder();
  const folder = join(root.path, "1");
  await writeFiles(folder, files);
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  for (let look = 0; look < 10; look++) {
    expect((await state.settled([folder])).size).toBe(0);
    clock.advance(99);
  }
  clock.advance(10);
  expect((await state.settled([folder])).size).toBe(1);
});

test("once settled it stays so, and starts anew after it was gone", async () => {
  await using root = await temporaryFolder();
  const folder = join(root.path, "1");
  await writeFiles(folder, files);
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  await state.settled([folder]);
  clock.advance(1000);
  expect((await state.settled([folder])).size).toBe(1);
  await appendFile(join(folder, "saved_model.pb"), "more");
  expect((await state.settled([folder])).size).toBe(1);
  await state.settled([]);
  expect((await state.settled([folder])).size).toBe(0);
});

test("with no settling time everything is taken as it is", async () => {
  await using root = await temporaryFolder();
  const folder = join(root.path, "1");
  await writeFiles(folder, files);
  const state = settling(0, fakeClock(), silentLogger);
  expect((await state.settled([folder])).size).toBe(1);
});

test("what cannot be read is waited for, and said once", async () => {
  await using root = await temporaryFolder();
  const [link, target] = [join(root.path, "1"), join(root.path, "elsewhere")];
  await symlink(target, link);
  const clock = fakeClock();
  const log = recordingLogger();
  const state = settling(1000, clock, log);
  for (let look = 0; look < 3; look++) {
    expect((await state.settled([link])).size).toBe(0);
    expect(state.due()).toBeUndefined();
    clock.advance(1000);
  }
  expect(log.lines.map((line) => line.message)).toEqual([
    expect.stringContaining(`${link} waits until it can be read`),
  ]);
  await writeFiles(target, files);
  await state.settled([link]);
  clock.advance(1000);
  expect((await state.settled([link])).size).toBe(1);
});

test("growth behind a symbolic link counts, and links in circles end", async () => {
  await using root = await temporaryFolder();
  const [link, target] = [join(root.path, "1"), join(root.path, "elsewhere")];
  await writeFiles(target, files);
  await symlink(target, link);
  for (const name of ["again", "and-again", "and-once-more"]) await symlink(target, join(target, name));
  const clock = fakeClock();
  const state = settling(1000, clock, silentLogger);
  await state.settled([link]);
  clock.advance(1000);
  await appendFile(join(target, "saved_model.pb"), "more");
  expect((await state.settled([link])).size).toBe(0);
  clock.advance(1000);
  expect((await state.settled([link])).size).toBe(1);
  await rm(link);
});
