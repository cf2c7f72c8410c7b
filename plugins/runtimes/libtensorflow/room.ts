import { statfs } from "node:fs/promises";
import { ServingError } from "../../../core/index.js";

export const noRoom = (folder: string, cause?: unknown) =>
  new ServingError(
    "RESOURCE_EXHAUSTED",
    `there is not enough room in ${folder}: libtensorflow takes up to 1.2 GB while it is installed; ` +
      "make room or set XDG_CACHE_HOME to a folder on another disk",
    { cause },
  );

/** @throws RESOURCE_EXHAUSTED when `bytes` more do not fit on the disk of `folder` */
export async function ensureRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) throw noRoom(folder);
}
