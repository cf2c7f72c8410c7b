import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

/** Where a file lies that comes with a SavedModel without being a part of it. */
export const extraPath = (version: string, name: string): string => join(version, "assets.extra", name);

/** Its bytes, or nothing if there is no such file. */
export async function readExtra(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (ABSENT.has(error.code ?? "")) return undefined;
    throw error;
  });
}
