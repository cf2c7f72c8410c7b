import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cacheIn, forever, leftovers, noise, scriptedFile, temporaryFolder, versionOf } from "./support.js";

const MINUTE = 60_000;

/** A process of another machine that shares the folder: all that is known of it is when it last gave a sign of life. */
async function stranger(root: string, silentFor: number) {
  const id = "0123456789ab-4711-99-feed";
  const folder = join(root, "owners", id);
  await mkdir(join(folder, "uses"), { recursive: true });
  const at = async () => {
    const then = new Date(Date.now() - silentFor);
    await utimes(folder, then, then);
  };
  return {
    folder,
    uses: async (name: string) => {
      await writeFile(join(folder, "uses", name), "");
      await at();
    },
    locks: async (name: string) => {
      await mkdir(join(root, "locks", name), { recursive: true });
      await writeFile(join(root, "locks", name, `${id}.0`), "");
      await at();
    },
  };
}

async function stage() {
  const root = await temporaryFolder();
  const version = (seed: number) =>
    versionOf([scriptedFile({ path: "a", bytes: noise(90_000, seed) }).file], BigInt(seed));
  const cache = cacheIn(root, { quota: 100_000 });
  const use = async (seed: number) => {
    const { path, release } = await cache.bring(version(seed), forever());
    release();
    await cache.idle();
    return path;
  };
  return { root, use, cache, version };
}

describe("a process that cannot be seen", () => {
  test("keeps what it uses as long as it gives signs of life", async () => {
    const { root, use } = await stage();
    const path = await use(1);
    await (await stranger(root, 0.5 * MINUTE)).uses((await readdir(join(root, "versions")))[0] ?? "");
    await use(2);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test("is dead a minute later, and what it had is cleared away", async () => {
    const { root, use, version } = await stage();
    const path = await use(1);
    const dead = await stranger(root, 2 * MINUTE);
    await dead.uses((await readdir(join(root, "versions")))[0] ?? "");
    await dead.locks("version-0");
    await use(2);
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    const later = cacheIn(root);
    (await later.bring(version(2), forever())).release();
    await later.idle();
    expect(await leftovers(root)).toEqual([]);
  });

  test("is waited for while it fetches, until it is dead", async () => {
    const { root, cache, version } = await stage();
    (await cache.bring(version(1), forever())).release();
    await cache.idle();
    const [name = ""] = await readdir(join(root, "versions"));
    const busy = await stranger(root, 0);
    await busy.locks(`version-${name}`);
    const waits = cacheIn(root).bring(version(1), forever());
    const first = await Promise.race([waits, new Promise((resolve) => setTimeout(() => resolve("waits"), 300))]);
    expect(first).toBe("waits");
    const then = new Date(Date.now() - 2 * MINUTE);
    await utimes(busy.folder, then, then);
    expect((await waits).path).toContain(name);
  });
});
