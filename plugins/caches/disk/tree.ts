import { mkdir, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { eachOf } from "./permits.js";

const AT_ONCE = 8;

/** Makes folders that are there for the rest of the work, each once. */
export function folderMaker(): (path: string) => Promise<void> {
  const made = new Map<string, Promise<unknown>>();
  return async (path) => {
    const known = made.get(path) ?? mkdir(path, { recursive: true });
    made.set(path, known);
    await known;
  };
}

/** All that is below a folder, folders before what they hold. */
export async function* entriesOf(
  folder: string,
): AsyncGenerator<{ readonly path: string; readonly isFolder: boolean }> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield { path, isFolder: entry.isDirectory() };
    if (entry.isDirectory()) yield* entriesOf(path);
  }
}

/** Bytes of the files below a folder that have no other name: what its removal would free. */
export async function ownBytes(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { path, isFolder } of entriesOf(folder)) {
    if (isFolder) continue;
    const { size, nlink } = await stat(path);
    if (nlink === 1) bytes += size;
  }
  return bytes;
}

/** The inodes of the files below a folder. */
export async function inodesBelow(folder: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for await (const { path, isFolder } of entriesOf(folder)) if (!isFolder) found.add((await stat(path)).ino);
  return found;
}

/** What a folder holds is there after a loss of power, too. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and writes their entries in order.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @param files whether its files have yet to be brought to the disk */
export async function syncTree(root: string, files: boolean, signal: AbortSignal): Promise<void> {
  const entries: { readonly path: string; readonly isFolder: boolean }[] = [];
  for await (const entry of entriesOf(root)) if (entry.isFolder || files) entries.push(entry);
  await eachOf(entries, AT_ONCE, signal, ({ path, isFolder }) => (isFolder ? syncFolder(path) : syncFile(path)));
  await syncFolder(root);
}
