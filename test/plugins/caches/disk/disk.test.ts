import { open, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CacheEvent, type DownloadEndEvent, type DownloadEvent, silentTelemetry } from "salver";
import { recordingLogger } from "salver/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
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

const KB = 1024;

const oneFile = (seed: number, length = 100 * KB) => {
  const bytes = noise(length, seed);
  return { bytes, version: versionOf([scriptedFile({ path: "a", bytes }).file], BigInt(seed)) };
};

describe("a full disk", () => {
  test("while a file is written: nothing stays, and what to do is said", async () => {
    const root = await temporaryFolder();
    const cache = cacheIn(root);
    const probe = await open(join(root, "probe"), "w");
    const handles = Object.getPrototypeOf(probe);
    await probe.close();
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    const write = vi.spyOn(handles, "write").mockRejectedValue(full);
    onTestFinished(() => write.mockRestore());
    await expect(cache.bring(oneFile(1).version, forever())).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringContaining(`no room is left for the cache in ${root} (ENOSPC)`),
    });
    write.mockRestore();
    await cache.idle();
    expect(await leftovers(root)).toEqual([]);
    const { path } = await cache.bring(oneFile(1).version, forever());
    expect(await sumsIn(path)).toEqual(sums({ a: oneFile(1).bytes }));
  });

  test("is seen before anything is fetched, where sizes are known", async () => {
    const root = await temporaryFolder();
    const { file, asked } = scriptedFile({ path: "a", bytes: noise(9), say: { size: 2 ** 60 } });
    await expect(cacheIn(root).bring(versionOf([file]), forever())).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringContaining(root),
    });
    expect(asked).toEqual([]);
  });
});

describe("a folder that cannot be written to is named", () => {
  test("because it is a file", async () => {
    const path = join(await temporaryFolder(), "file");
    await writeFile(path, "");
    const cache = cacheIn(path);
    const failure = { code: "FAILED_PRECONDITION", message: expect.stringContaining(`the cache's folder ${path}`) };
    await expect(cache.bring(oneFile(1).version, forever())).rejects.toMatchObject(failure);
    await expect(cache.remember("place", "text")).rejects.toMatchObject(failure);
  });

  test.skipIf(process.platform !== "linux")("because nobody may", async () => {
    const cache = cacheIn("/sys/salver");
    await expect(cache.bring(oneFile(1).version, forever())).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/the cache's folder \/sys\/salver cannot be written to .*set cache\.path/),
    });
  });
});

describe("the quota", () => {
  test("lets go what was in use longest ago", async () => {
    const root = await temporaryFolder();
    const seen: CacheEvent[] = [];
    const telemetry = { ...silentTelemetry, cacheSeen: (event: CacheEvent) => seen.push(event) };
    const cache = cacheIn(root, { quota: 350 * KB, telemetry });
    for (const seed of [1, 2, 3, 1, 4]) {
      (await cache.bring(oneFile(seed).version, forever())).release();
      await cache.idle();
    }
    const here = await Promise.all([1, 2, 3, 4].map((seed) => cache.has(oneFile(seed).version)));
    expect(here).toEqual([true, false, true, true]);
    expect(seen.at(-1)).toMatchObject({ bytes: 300 * KB, versions: 3 });
    expect(seen.reduce((sum, each) => sum + each.evicted, 0)).toBe(1);
    expect(await readdir(join(root, "blobs"))).toHaveLength(3);
  });

  test("is exceeded rather than that what serves would go, and that is said", async () => {
    const root = await temporaryFolder();
    const log = recordingLogger();
    const cache = cacheIn(root, { quota: 150 * KB, log });
    const serving = await cache.bring(oneFile(1).version, forever());
    await cache.bring(oneFile(2).version, forever());
    expect(await sumsIn(serving.path)).toEqual(sums({ a: oneFile(1).bytes }));
    expect(log.lines.filter(({ level }) => level === "warn")[0]?.message).toContain(
      "is above its quota of 153600 bytes",
    );
  });

  test("says which model's version had to go", async () => {
    const log = recordingLogger();
    const cache = cacheIn(await temporaryFolder(), { quota: 150 * KB, log });
    (await cache.bring(oneFile(1).version, forever())).release();
    await cache.idle();
    await cache.bring(oneFile(2).version, forever());
    const [line] = log.lines.filter(({ message }) => message.endsWith("to make room"));
    expect(line?.message).toMatch(/^m 1 went from the cache in .* \(versions\/[0-9a-f]{64}\), to make room$/);
  });

  test("refuses what could never be within it", async () => {
    const root = await temporaryFolder();
    const cache = cacheIn(root, { quota: KB });
    await expect(cache.bring(oneFile(1).version, forever())).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "102400 bytes are more than cache.quota, 1024: no cache of this size can hold them",
    });
  });

  test("refuses it before anything is fetched, also where most of it is here already", async () => {
    const root = await temporaryFolder();
    const [here, rest] = [1, 2].map((seed) => scriptedFile({ path: `${seed}`, bytes: noise(100 * KB, seed) }));
    await cacheIn(root).bring(versionOf([here!.file], 1n), forever());
    const both = versionOf([here!.file, rest!.file], 2n);
    await expect(cacheIn(root, { quota: 150 * KB }).bring(both, forever())).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
    expect(rest!.asked).toEqual([]);
  });
});

describe("several at once", () => {
  test("share one download, and each holds what it got", async () => {
    const root = await temporaryFolder();
    const cache = cacheIn(root, { quota: 150 * KB });
    const { file, asked } = scriptedFile({ path: "a", bytes: noise(100 * KB) });
    const all = await Promise.all([1, 2, 3].map(() => cache.bring(versionOf([file]), forever())));
    expect(asked).toEqual([0]);
    all[0]?.release();
    all[0]?.release();
    all[1]?.release();
    await cache.idle();
    (await cache.bring(oneFile(2).version, forever())).release();
    expect(await sumsIn(all[2]?.path ?? "")).toEqual(sums({ a: noise(100 * KB) }));
  });

  test("one that leaves takes nothing from the others; the last one ends it", async () => {
    const root = await temporaryFolder();
    const cache = cacheIn(root);
    let ended = false;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const before = async (_: number, signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        ended = true;
      });
      await held;
    };
    const { file, asked } = scriptedFile({ path: "a", bytes: noise(100 * KB), before });
    const leaving = [new AbortController(), new AbortController()];
    const [one, two] = leaving.map(({ signal }) => cache.bring(versionOf([file]), signal));
    await vi.waitFor(() => expect(asked).toEqual([0]));
    leaving[0]?.abort();
    await expect(one).rejects.toMatchObject({ name: "AbortError" });
    expect(ended).toBe(false);
    leaving[1]?.abort();
    await expect(two).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitFor(async () => expect(await leftovers(root)).toEqual([]));
    expect(ended).toBe(true);
    goOn();
  });
});

test("files are read-only, so that nobody changes two versions by changing one", async () => {
  const { path } = await cacheIn(await temporaryFolder()).bring(oneFile(1).version, forever());
  expect((await stat(join(path, "a"))).mode & 0o777).toBe(0o444);
});

test("texts about places are kept for later processes", async () => {
  const root = await temporaryFolder();
  const cache = cacheIn(root);
  expect(await cache.remembered("s3://m/")).toBeUndefined();
  await cache.remember("s3://m/", "one");
  await Promise.all(["two", "three", "four"].map((text) => cache.remember("s3://m/", text)));
  await cache.remember("s3://n/", "ä\n");
  expect(["two", "three", "four"]).toContain(await cacheIn(root).remembered("s3://m/"));
  expect(await cacheIn(root).remembered("s3://n/")).toBe("ä\n");
  await cache.idle();
  expect(await leftovers(root)).toEqual([]);
});

test("the telemetry hears how a version comes, and nothing of one that is here", async () => {
  const heard: [string, DownloadEvent | DownloadEndEvent][] = [];
  const telemetry = {
    ...silentTelemetry,
    downloaded: (event: DownloadEvent) => heard.push(["more", event]),
    downloadEnded: (event: DownloadEndEvent) => heard.push(["end", event]),
  };
  const cache = cacheIn(await temporaryFolder(), { telemetry });
  const { version } = oneFile(1);
  await cache.bring(version, forever());
  const last = heard.at(-2)?.[1];
  expect(last).toMatchObject({ model: "m", version: 1n, uri: "memory://m/1/", done: 100 * KB, size: 100 * KB });
  expect(heard.at(-1)).toEqual(["end", expect.objectContaining({ code: "OK", bytes: 100 * KB })]);
  const bytes = heard.slice(0, -1).map(([, event]) => event.bytes);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(100 * KB);
  heard.length = 0;
  await cache.bring(version, forever());
  expect(heard).toEqual([]);
});
