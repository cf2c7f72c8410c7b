import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type RemoteFile, ServingError, unavailable } from "salver";
import { describe, expect, test } from "vitest";
import {
  cacheIn,
  cut,
  forever,
  leftovers,
  noise,
  scriptedFile,
  sha256,
  sums,
  sumsIn,
  temporaryFolder,
  versionOf,
} from "./support.js";

const bytes = noise(300_000);
const other = noise(300_000, 2);

async function stage() {
  const root = await temporaryFolder();
  const cache = cacheIn(root);
  const bring = (...files: readonly RemoteFile[]) => cache.bring(versionOf(files), forever());
  const broughtBy = async (...files: readonly RemoteFile[]) => {
    const { path, release } = await bring(...files);
    release();
    return sumsIn(path);
  };
  return { root, cache, bring, broughtBy };
}

describe("a download that breaks", () => {
  test("goes on where it broke, in the same attempt", async () => {
    const { broughtBy } = await stage();
    const through = (sent: AsyncIterable<Uint8Array>, attempt: number) => (attempt < 3 ? cut(sent, 100_000) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, through });
    expect(await broughtBy(file)).toEqual(sums({ a: bytes }));
    expect(asked).toEqual([0, 100_000, 200_000]);
  });

  test("ends after so many attempts; another, of a later process, goes on with it", async () => {
    const { root, bring, broughtBy } = await stage();
    let down = true;
    const before = async (attempt: number) => {
      if (down && attempt > 1) throw unavailable("503");
    };
    const through = (sent: AsyncIterable<Uint8Array>) => (down ? cut(sent, 70_000) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, before, through });
    await expect(bring(file)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(asked).toEqual([0, 70_000, 70_000, 70_000]);
    down = false;
    const later = await cacheIn(root).bring(versionOf([file]), forever());
    expect(await sumsIn(later.path)).toEqual(sums({ a: bytes }));
    expect(asked.slice(4)).toEqual([70_000]);
    expect(await broughtBy(file)).toEqual(sums({ a: bytes }));
  });

  test("of a server without ranges begins anew", async () => {
    const { broughtBy } = await stage();
    const through = (sent: AsyncIterable<Uint8Array>, attempt: number) => (attempt === 1 ? cut(sent, 100_000) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, ranges: false, through });
    expect(await broughtBy(file)).toEqual(sums({ a: bytes }));
    expect(asked).toEqual([0, 100_000]);
  });

  test.each([
    { what: "of no ETag and no checksum", etags: [undefined, undefined], asked: [0, 0] },
    { what: "whose ETag is another", etags: ['"1"', '"2"', '"2"'], asked: [0, 100_000, 0] },
    { what: "whose ETag is gone", etags: ['"1"', undefined, undefined], asked: [0, 100_000, 0] },
  ])("and $what begins anew", async ({ etags, asked: expected }) => {
    const { broughtBy } = await stage();
    const left = [...etags];
    const through = (sent: AsyncIterable<Uint8Array>, attempt: number) => (attempt === 1 ? cut(sent, 100_000) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, say: {}, etag: () => left.shift(), through });
    expect(await broughtBy(file)).toEqual(sums({ a: bytes }));
    expect(asked).toEqual(expected);
  });

  test("is not waited for when it only hangs", async () => {
    const root = await temporaryFolder();
    const cache = cacheIn(root, { rules: { attempts: 2, firstPause: 1, longestPause: 1, silence: 30 } });
    const hangs = async function* (sent: AsyncIterable<Uint8Array>) {
      for await (const piece of sent) {
        yield piece;
        await new Promise(() => {});
      }
    };
    const through = (sent: AsyncIterable<Uint8Array>, attempt: number) => (attempt === 1 ? hangs(sent) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, through });
    const { path } = await cache.bring(versionOf([file]), forever());
    expect(await sumsIn(path)).toEqual(sums({ a: bytes }));
    expect(asked).toEqual([0, 16 * 1024]);
  });

  test("because one file fails leaves the others for the next attempt, checksums or not", async () => {
    const { broughtBy, bring } = await stage();
    let gone = true;
    const before = async () => {
      if (gone) throw new ServingError("PERMISSION_DENIED", "not yours");
    };
    const one = scriptedFile({ path: "one", bytes, say: { size: bytes.length, etag: '"1"' }, etag: () => '"1"' });
    const two = scriptedFile({ path: "two", bytes: other, before: () => waitFor(one.asked).then(before) });
    await expect(bring(one.file, two.file)).rejects.toMatchObject({ code: "PERMISSION_DENIED", message: "not yours" });
    gone = false;
    expect(await broughtBy(one.file, two.file)).toEqual(sums({ one: bytes, two: other }));
    expect(one.asked).toEqual([0]);
  });
});

/** Until a file has been fetched: long enough for it to come. */
async function waitFor(asked: readonly number[]): Promise<void> {
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 200));
}

describe("what is not what was announced is never handed out", () => {
  const failures: readonly {
    readonly what: string;
    readonly file: () => RemoteFile;
    readonly code: string;
    readonly says: RegExp;
  }[] = [
    {
      what: "a wrong checksum",
      file: () => scriptedFile({ path: "a", bytes: other, say: { sha256: "0".repeat(64) } }).file,
      code: "DATA_LOSS",
      says: /memory:\/\/m\/1\/a has the SHA-256 [0-9a-f]{64}, 0{64} was announced/,
    },
    {
      what: "a wrong size",
      file: () => scriptedFile({ path: "a", bytes, say: { size: 5 } }).file,
      code: "DATA_LOSS",
      says: /has 300000 bytes, 5 were announced/,
    },
    {
      what: "more than was announced, of a server that says no size",
      file: () => {
        const { file } = scriptedFile({ path: "a", bytes, say: { size: 250_000 } });
        return { ...file, fetch: async (...at) => ({ ...(await file.fetch(...at)), size: undefined }) };
      },
      code: "DATA_LOSS",
      says: /is longer than the 250000 bytes/,
    },
    {
      what: "a body that always ends early",
      file: () => {
        const { file } = scriptedFile({ path: "a", bytes: bytes.subarray(0, 200_000), say: { size: 300_000 } });
        return { ...file, fetch: async (...at) => ({ ...(await file.fetch(...at)), size: undefined }) };
      },
      code: "UNAVAILABLE",
      says: /ended after 200000 of 300000 bytes/,
    },
    {
      what: "another ETag",
      file: () => scriptedFile({ path: "a", bytes, say: { etag: '"then"' }, etag: () => '"now"' }).file,
      code: "ABORTED",
      says: /is another by now: its ETag is "now", it was "then"/,
    },
  ];

  test.each(failures)("$what", async ({ file, code, says }) => {
    const { root, bring, cache } = await stage();
    await expect(bring(file())).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    await cache.idle();
    expect(await readdir(join(root, "versions"))).toEqual([]);
    expect((await leftovers(root)).filter((name) => code !== "UNAVAILABLE" || !name.startsWith("parts/"))).toEqual([]);
  });

  test("a part that was spoiled on the disk is thrown away, and the file fetched anew", async () => {
    const { root, bring, broughtBy } = await stage();
    let down = true;
    const through = (sent: AsyncIterable<Uint8Array>) => (down ? cut(sent, 70_000) : sent);
    const { file, asked } = scriptedFile({ path: "a", bytes, through });
    await expect(bring(file)).rejects.toThrow();
    const [part = ""] = (await readdir(join(root, "parts"))).filter((name) => !name.endsWith(".json"));
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(root, "parts", part), Buffer.alloc(70_000));
    down = false;
    asked.length = 0;
    expect(await broughtBy(file)).toEqual(sums({ a: bytes }));
    expect(asked).toEqual([70_000, 0]);
  });
});

test("hostile names are refused before anything is fetched", async () => {
  const { bring } = await stage();
  for (const path of ["../a", "/a", "a/../b", "a\0b", "a\\b", "C:/a", "a//b", "", "．．/a"]) {
    const { file, asked } = scriptedFile({ path, bytes });
    await expect(bring(file), path).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(asked).toEqual([]);
  }
  const twice = ["A", "a"].map((path) => scriptedFile({ path, bytes }).file);
  await expect(bring(...twice)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(bring()).rejects.toThrow("it has no files");
});

test("an archive that is none is damaged, unless its sum says that it is what was announced", async () => {
  const { bring } = await stage();
  const page = Buffer.from("<html>wait</html>");
  for (const archive of ["zip", "tar", "tar.gz"] as const) {
    const unknown = scriptedFile({ path: "", bytes: page, say: { archive } });
    await expect(bring(unknown.file), archive).rejects.toMatchObject({ code: "DATA_LOSS" });
    const sure = scriptedFile({ path: "", bytes: page, say: { archive, sha256: sha256(page) } });
    await expect(bring(sure.file), archive).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  }
});
