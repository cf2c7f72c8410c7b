import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where `salver tensorflow install` puts libtensorflow: one folder a version. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "salver", "libtensorflow");
}

const numbers = (version: string) => version.split(/[^0-9]+/).map(Number);

/** Orders `2.9.1` before `2.18.0`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version folders in the cache, newest first; none when there is no cache. */
export async function cachedVersions(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((name) => /^\d+\.\d+/.test(name))
    .sort(compareVersions)
    .reverse();
}
