import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export type Fingerprint = {
  /** Equal for equal names of files and folders and equal sizes and times of files, and practically only then. */
  readonly digest: string;
  /** The latest time of change in it, in milliseconds since 1970 by the file system's clock. */
  readonly newest: number;
};

/** Beyond it a tree is no longer followed, so that a look at a huge place, or at links in circles, ends. */
const limit = 5000;

const failure = (error: unknown) => (error as NodeJS.ErrnoException).code ?? "EIO";

/**
 * What can be seen of a file or folder without reading it, through symbolic links. Only the first 5000 entries count,
 * those nearest to the top first. What cannot be read inside counts by its error.
 * @throws the system's error when `root` itself cannot be read
 */
export async function fingerprint(root: string): Promise<Fingerprint> {
  const hash = createHash("sha256");
  const folders: string[] = [];
  let entries = 0;
  let newest = 0;

  const see = async (path: string) => {
    const found = await stat(path, { bigint: true });
    newest = Math.max(newest, Number(found.mtimeMs));
    // Some mounted file systems make up the times of folders at each call, so these tell nothing.
    hash.update(found.isDirectory() ? `${path}\0\n` : `${path}\0${found.size} ${found.mtimeNs}\n`);
    if (found.isDirectory()) folders.push(path);
  };
  const tolerate = (path: string) => (error: unknown) => {
    if (path === root) throw error;
    hash.update(`${path}\0${failure(error)}\n`);
  };

  await see(root);
  // Grows while it is gone through.
  for (const folder of folders) {
    const names = (await readdir(folder).catch(tolerate(folder))) ?? [];
    for (const name of names.sort()) {
      if (++entries > limit) return { digest: hash.digest("hex"), newest };
      const path = join(folder, name);
      await see(path).catch(tolerate(path));
    }
  }
  return { digest: hash.digest("hex"), newest };
}
