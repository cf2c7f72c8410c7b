import { readdir, rm, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Layout } from "./layout.js";
import type { Locks } from "./locks.js";
import type { Owner } from "./owner.js";

/** How long what came in part waits for someone to go on with it, ms. */
const PART_LIFE = 24 * 3_600_000;

/** Clears away what processes that were killed have left, and parts that nobody came back for. */
export async function sweep(layout: Layout, owner: Owner, locks: Locks, now = Date.now()): Promise<void> {
  for (const id of await readdir(layout.owners)) {
    if (!(await owner.isAlive(id))) await rm(layout.owner(id), { recursive: true, force: true });
  }
  for (const name of await readdir(layout.locks)) {
    for (const entry of await readdir(layout.lock(name)).catch(() => [])) {
      const [id = ""] = entry.split(".");
      if (!(await owner.isAlive(id))) await unlink(join(layout.lock(name), entry)).catch(() => {});
    }
    await rmdir(layout.lock(name)).catch(() => {});
  }
  for (const name of await readdir(layout.parts)) {
    const found = await stat(layout.part(name)).catch(() => undefined);
    if (found && now - found.mtimeMs > PART_LIFE) await dropPart(layout, locks, name.replace(/\.json$/, ""));
  }
  for (const name of await readdir(layout.journals)) {
    const found = await stat(layout.journal(name)).catch(() => undefined);
    if (!found || now - found.mtimeMs <= PART_LIFE) continue;
    const unlock = await locks.tryAcquire(`version-${name}`);
    if (unlock) await rm(layout.journal(name), { force: true });
    await unlock?.();
  }
}

/** Unless someone is at it. */
export async function dropPart(layout: Layout, locks: Locks, key: string): Promise<boolean> {
  const unlock = await locks.tryAcquire(`part-${key}`);
  if (!unlock) return false;
  await rm(layout.part(key), { force: true });
  await rm(layout.partMark(key), { force: true });
  await unlock();
  return true;
}
