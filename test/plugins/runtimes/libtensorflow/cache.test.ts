import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cachedVersions, cacheFolder, compareVersions } from "../../../../plugins/runtimes/libtensorflow/cache.js";

describe("the cache", () => {
  it("lies in the user's cache folder", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/x" })).toBe(join("/x", "salver", "libtensorflow"));
    expect(cacheFolder({})).toBe(join(homedir(), ".cache", "salver", "libtensorflow"));
    expect(cacheFolder({ XDG_CACHE_HOME: "" })).toBe(join(homedir(), ".cache", "salver", "libtensorflow"));
  });

  it("compares versions by number", () => {
    const versions = ["2.18.0", "2.9.1", "2.21.0", "2.9.10", "1.15.5"];
    expect(versions.sort(compareVersions)).toEqual(["1.15.5", "2.9.1", "2.9.10", "2.18.0", "2.21.0"]);
    expect(compareVersions("2.4.0-rc1", "2.4")).toBeGreaterThanOrEqual(0);
  });

  it("lists version folders, newest first, without half-made ones", async () => {
    const folder = await mkdtemp(join(tmpdir(), "salver-cache-"));
    for (const name of ["2.9.1", "2.18.0", ".partial-x", "notes"]) await mkdir(join(folder, name));
    expect(await cachedVersions(folder)).toEqual(["2.18.0", "2.9.1"]);
    await rm(folder, { recursive: true });
    expect(await cachedVersions(folder)).toEqual([]);
  });
});
