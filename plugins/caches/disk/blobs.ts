import { chmod, copyFile, link, rename, rm } from "node:fs/promises";
import type { Layout } from "./layout.js";
import { codeOf, isMissing } from "./system-errors.js";

/** Files by what is in them: versions that have a file in common share its bytes on disk. */
export interface Blobs {
  /** Puts the file with these bytes at `target`, if there is one. */
  place(sha256: string, target: string): Promise<boolean>;
  /** Moves a file whose bytes are known to `target`, and keeps it for others. */
  add(path: string, sha256: string, target: string): Promise<void>;
}

/** A file may have so many names and no more, or not here, or not from us. */
const notLinked: ReadonlySet<string | undefined> = new Set([
  ...["EMLINK", "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"],
]);

export function createBlobs(layout: Layout): Blobs {
  async function place(sha256: string, target: string): Promise<boolean> {
    const blob = layout.blob(sha256);
    try {
      await link(blob, target);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      if (!notLinked.has(codeOf(error))) throw error;
    }
    return copyFile(blob, target).then(
      () => true,
      (error) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
  }

  return {
    place,
    async add(path, sha256, target) {
      try {
        // Linked before it is moved: at no time is it a blob of no version, which might be evicted.
        await link(path, layout.blob(sha256));
      } catch (error) {
        const known = codeOf(error) === "EEXIST" && (await place(sha256, target));
        if (known) return rm(path, { force: true });
        if (codeOf(error) !== "EEXIST" && !notLinked.has(codeOf(error))) throw error;
      }
      await rename(path, target);
      // What a careless hand changed in one version would be changed in all.
      await chmod(target, 0o444);
    },
  };
}
