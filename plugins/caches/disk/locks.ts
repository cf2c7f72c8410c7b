import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../core/index.js";
import type { Layout } from "./layout.js";
import type { Owner } from "./owner.js";
import { codeOf } from "./system-errors.js";

/** Between two looks at a lock that another has, ms. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 250;

/** What a rename onto a folder that has something in it fails with; Windows says so of an empty one, too. */
const taken: ReadonlySet<string | undefined> = new Set(
  process.platform === "win32" ? ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"] : ["ENOTEMPTY", "EEXIST"],
);

/** Locks between all who share the cache, in this process and in others. One whose owner was killed is free. */
export interface Locks {
  /** Waits until it is free. @throws AbortError */
  acquire(name: string, signal: AbortSignal): Promise<Release>;
  /** `undefined` when another has it. */
  tryAcquire(name: string): Promise<Release | undefined>;
}

export type Release = () => Promise<void>;

/**
 * A lock is a folder with the holder's name in it. It is taken by a rename of a folder that has the name already, which
 * succeeds only where there is none or an empty one; a dead holder's name is taken out, and nobody else's can be by
 * mistake, as no name comes twice.
 */
export function createLocks(layout: Layout, owner: Owner, clock: Clock): Locks {
  let made = 0;

  async function attempt(name: string): Promise<Release | undefined> {
    const held = layout.lock(name);
    const entry = `${owner.id}.${made++}`;
    const own = owner.workspace();
    await mkdir(own);
    await writeFile(join(own, entry), "");
    const take = () => rename(own, held);
    try {
      await take().catch(async (error: unknown) => {
        if (!taken.has(codeOf(error))) throw error;
        await dropDead(held);
        await take();
      });
    } catch (error) {
      await rm(own, { recursive: true, force: true });
      if (taken.has(codeOf(error))) return undefined;
      throw error;
    }
    return async () => {
      await unlink(join(held, entry)).catch(() => {});
      // Not when the next one has moved in.
      await rmdir(held).catch(() => {});
    };
  }

  async function dropDead(held: string): Promise<void> {
    for (const entry of await readdir(held).catch(() => [])) {
      const [id = ""] = entry.split(".");
      if (!(await owner.isAlive(id))) await unlink(join(held, entry)).catch(() => {});
    }
    // Some systems rename over no folder, not even an empty one.
    await rmdir(held).catch(() => {});
  }

  return {
    tryAcquire: attempt,
    async acquire(name, signal) {
      for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
        signal.throwIfAborted();
        const release = await attempt(name);
        if (release) return release;
        await clock.sleep(wait * (0.5 + Math.random() / 2), signal);
      }
    },
  };
}
