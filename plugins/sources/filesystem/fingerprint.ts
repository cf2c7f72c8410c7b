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
const limit = 10_000;

const failure = (error: unknown) => (error as NodeJS.ErrnoException).code ?? "EIO";

/**
 * What can be seen of a file or folder without reading it, through symbolic links.
 * Only the first 10,000 entries count. What cannot be read inside counts by its error.
 * @throws the system's error when `root` itself cannot be read
 */
export async function fingerprint(root: string): Promise<Fingerprint> {
  const hash = createHash("sha256");
  let entries = 0;
  let newest = 0;

  const visit = async (path: string): Promise<void> => {
    const found = await stat(path, { bigint: true });
    newest = Math.max(newest, Number(found.mtimeMs));
    // Some mounted file systems make up the times of folders at each call, so these tell nothing.
    hash.update(found.isDirectory() ? `${path}\0\n` : `${path}\0${found.size} ${found.mtimeNs}\n`);
    if (!found.isDirectory()) return;
    for (const name of (await readdir(path)).sort()) {
      if (++entries > limit) return;
      await visit(join(path, name)).catch((error: unknown) => hash.update(`${name}\0${failure(error)}\n`));
    }
  };

  await visit(root);
  return { digest: hash.digest("hex"), newest };
}
