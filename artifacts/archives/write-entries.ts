import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { ArchiveEntry } from "./entry.js";
import { readFilePath } from "./file-path.js";
import type { Budget } from "./limits.js";
import { nameTree } from "./name-tree.js";
import { refusedEntry } from "./refusal.js";

async function writeFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  // Fails where there is anything, be it a link.
  const file = await open(path, "wx", 0o644);
  try {
    for await (const piece of bytes) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

/**
 * Writes the entries of an archive into an empty folder.
 * @throws INVALID_ARGUMENT that names the entry; the system's errors
 */
export async function writeEntries(
  entries: AsyncIterable<ArchiveEntry>,
  folder: string,
  spent: Budget,
  signal: AbortSignal,
): Promise<void> {
  const names = nameTree();
  const made = new Set([folder]);

  const makeFolder = async (path: string) => {
    if (!made.has(path)) await mkdir(path, { recursive: true });
    made.add(path);
  };

  for await (const { name, kind, bytes } of entries) {
    signal.throwIfAborted();
    spent.entry();
    // The folder that was packed, as `tar -C folder .` writes it.
    if (kind === "folder" && /^\.\/?$/.test(name)) continue;
    const path = readFilePath(kind === "folder" ? name.replace(/\/$/, "") : name);
    if ("refused" in path) throw refusedEntry(name, path.refused);
    const clash = names.add(path.segments, kind);
    if (clash) throw refusedEntry(name, clash);
    const parents = path.segments.slice(0, -1);
    await makeFolder(join(folder, ...(kind === "folder" ? path.segments : parents)));
    if (kind === "file") await writeFile(join(folder, ...path.segments), bytes);
  }
}
