import { rename, rm, statfs, unlink } from "node:fs/promises";
import { failedPrecondition, type Logger, resourceExhausted } from "../../../core/index.js";
import { type Contents, contentsOf } from "./contents.js";
import type { Layout } from "./layout.js";
import type { Locks } from "./locks.js";
import type { Owner } from "./owner.js";
import { dropPart } from "./sweep.js";
import { isMissing } from "./system-errors.js";
import { inodesBelow } from "./tree.js";

export type RoomHouse = {
  readonly layout: Layout;
  readonly owner: Owner;
  readonly locks: Locks;
  readonly log: Logger;
  readonly quota: number | undefined;
  /** The folder has been looked through. */
  readonly seen: (contents: Contents, evicted: number) => void;
};

/** Keeps the cache within its quota and within its disk, as far as what is in use allows. */
export interface Room {
  /**
   * Makes room for so many bytes more, by removing what was in use longest ago.
   * @param wanted files that are to stay: those that the bytes come to
   * @throws ServingError RESOURCE_EXHAUSTED when they are more than the disk has
   */
  make(bytes: number, wanted?: ReadonlySet<string>): Promise<void>;
  /** @throws ServingError FAILED_PRECONDITION when the quota is less than so many bytes, whatever is removed */
  allows(bytes: number): void;
  /** Removes a version, and what only it had, unless anyone uses it. Returns whether it is gone. */
  drop(name: string): Promise<boolean>;
}

/** Oldest first. */
const byUse = <T extends { readonly usedAt: number }>(items: readonly T[]) =>
  items.toSorted((a, b) => a.usedAt - b.usedAt);

export function createRoom({ layout, owner, locks, log, quota = Number.POSITIVE_INFINITY, seen }: RoomHouse): Room {
  async function freeOnDisk(): Promise<number> {
    const { bavail, bsize } = await statfs(layout.root);
    return bavail * bsize;
  }

  async function dropBlob(sha256: string): Promise<void> {
    // A version that has taken it meanwhile has a link of its own, and keeps it.
    await unlink(layout.blob(sha256)).catch(() => {});
  }

  /** What is of no complete version. Returns the bytes that are gone. */
  async function dropUnfinished({ loose, parts }: Contents, excess: number, wanted: ReadonlySet<string>) {
    let gone = 0;
    const droppable = [
      ...loose.map((item) => ({ ...item, drop: () => dropBlob(item.key).then(() => true) })),
      ...parts.map((item) => ({ ...item, drop: () => dropPart(layout, locks, item.key) })),
    ];
    for (const item of byUse(droppable)) {
      if (gone >= excess) break;
      if (!wanted.has(item.key) && (await item.drop())) gone += item.bytes;
    }
    return gone;
  }

  /** Returns whether it is gone: not while anyone uses it, or is about to. */
  async function evict(name: string): Promise<boolean> {
    const unlock = await locks.tryAcquire(`version-${name}`);
    if (!unlock) return false;
    const trash = owner.workspace();
    try {
      // Asked with the lock in hand: whoever begins to use a version has it first.
      if ((await owner.used()).has(name)) return false;
      await rename(layout.version(name), trash);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    } finally {
      await unlock();
    }
    await rm(trash, { recursive: true, force: true });
    return true;
  }

  async function makeRoom(bytes: number, wanted: ReadonlySet<string>): Promise<void> {
    let contents = await contentsOf(layout);
    let evicted = 0;
    let room = await freeOnDisk();
    const excess = () => Math.max(contents.bytes + bytes - quota, bytes - room);
    const look = async () => {
      contents = await contentsOf(layout);
      room = await freeOnDisk();
    };
    if (excess() > 0 && (await dropUnfinished(contents, excess(), wanted)) > 0) await look();
    for (const { key, model, version } of byUse(contents.versions)) {
      if (excess() <= 0) break;
      if (!(await evict(key))) continue;
      evicted++;
      log.info(
        { model, version, name: key },
        `${model} ${version} went from the cache in ${layout.root} (versions/${key}), to make room`,
      );
      await look();
      // What only that version had.
      if (excess() > 0 && (await dropUnfinished(contents, excess(), wanted)) > 0) await look();
    }
    seen(contents, evicted);
    if (bytes > room) {
      throw resourceExhausted(
        `${bytes} bytes are to come into the cache in ${layout.root}, its disk has room for ${room} more, and the rest is ` +
          "in use: free some, or set cache.path to a folder on another disk",
      );
    }
    if (excess() > 0) {
      log.warn(
        { bytes: contents.bytes + bytes, quota },
        `the cache in ${layout.root} is above its quota of ${quota} bytes by ${excess()}: all that it holds is in use`,
      );
    }
  }

  async function drop(name: string): Promise<boolean> {
    const inodes = await inodesBelow(layout.files(name));
    if (!(await evict(name))) return false;
    const { loose } = await contentsOf(layout);
    for (const { key, inode } of loose) if (inodes.has(inode)) await dropBlob(key);
    return true;
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    drop,
    allows(bytes) {
      if (bytes > quota)
        throw failedPrecondition(
          `${bytes} bytes are more than cache.quota, ${quota}: no cache of this size can hold them`,
        );
    },
    make(bytes, wanted = new Set()) {
      const made = last.then(() => makeRoom(bytes, wanted));
      last = made.catch(() => {});
      return made;
    },
  };
}
