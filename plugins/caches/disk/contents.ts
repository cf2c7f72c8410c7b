import { readdir, readFile, stat } from "node:fs/promises";
import type { About } from "./build-version.js";
import type { Layout } from "./layout.js";

/** Something that takes up room, and since when nobody has used it. */
type Item = { readonly key: string; readonly bytes: number; readonly usedAt: number };

/** A file by what is in it; its inode is also that of the files of versions which share its bytes. */
type Blob = Item & { readonly inode: number };

/** Model and version are those that it was first fetched for: another may have the same files. */
type Version = Item & { readonly model: string; readonly version: string };

/** What the cache's folder holds, at about one moment. */
export type Contents = {
  /** Of all of it. */
  readonly bytes: number;
  /** Complete versions; of each the bytes that no other has. */
  readonly versions: readonly Version[];
  /** Files of no version: what had come of one before its download failed. */
  readonly loose: readonly Blob[];
  readonly parts: readonly Item[];
};

/** What another process removes meanwhile is not there. */
async function itemsOf<T extends Item>(
  folder: string,
  read: (key: string) => Promise<T | undefined>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (const key of await readdir(folder)) {
    const item = await read(key).catch(() => undefined);
    if (item) items.push(item);
  }
  return items;
}

async function aboutOf(layout: Layout, name: string): Promise<About> {
  return JSON.parse(await readFile(layout.about(name), "utf8"));
}

export async function contentsOf(layout: Layout): Promise<Contents> {
  const sized = async (path: string, key: string) => {
    const { size, mtimeMs, nlink, ino } = await stat(path);
    return { key, bytes: size, usedAt: mtimeMs, nlink, inode: ino };
  };
  const [versions, blobs, parts] = await Promise.all([
    itemsOf(layout.versions, async (key) => {
      const { model, version, own } = await aboutOf(layout, key);
      return { ...(await sized(layout.version(key), key)), bytes: own, model, version };
    }),
    itemsOf(layout.blobs, (key) => sized(layout.blob(key), key)),
    itemsOf(layout.parts, async (key) => (key.endsWith(".json") ? undefined : sized(layout.part(key), key))),
  ]);
  const bytes = [...versions, ...blobs, ...parts].reduce((sum, each) => sum + each.bytes, 0);
  return { bytes, versions, loose: blobs.filter(({ nlink }) => nlink === 1), parts };
}
