import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type UnpackLimits, unpack } from "../../../artifacts/archives/index.js";
import type { ArchiveKind } from "../../../core/index.js";

/** Contents of all files below a folder by their paths; of folders, which end with "/", only those with nothing in them. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const each of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(each.parentPath, each.name);
    if (each.isFile()) found[relative(folder, path)] = await readFile(path, "latin1");
    else if (each.isDirectory() && (await readdir(path)).length === 0) found[`${relative(folder, path)}/`] = "";
    else if (!each.isDirectory()) found[relative(folder, path)] = "neither file nor folder";
  }
  return found;
}

/** A folder of its own for a test, with an archive in it. */
export async function stage(kind: ArchiveKind, archive: Uint8Array) {
  const root = await mkdtemp(join(tmpdir(), "salver-archives-"));
  const file = join(root, "archive");
  const into = join(root, "into");
  await writeFile(file, archive);
  return {
    root,
    into,
    unpack: (limits?: UnpackLimits, signal = new AbortController().signal) =>
      unpack({ kind, file }, into, signal, limits),
    /** What is anywhere beside the archive itself. */
    async left() {
      const { archive: _, ...rest } = await treeOf(root);
      return rest;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
