import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the files in a folder, or of one file. */
export async function folderSize(path: string): Promise<number> {
  const info = await stat(path);
  if (!info.isDirectory()) return info.size;
  const entries = await readdir(path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
