import { createHash } from "node:crypto";
import type { RemoteFile } from "../core/index.js";

/** A file as a look has found it; it can be written down and fetched by a later process. */
export type ListedFile = Omit<RemoteFile, "fetch"> & {
  /** Where it is, in the words of its place: a key, a URL. */
  readonly at: string;
};

/** A version as a look has found it. */
export type ListedVersion = {
  readonly version: bigint;
  /** Where it is, for people. */
  readonly uri: string;
  readonly files: readonly ListedFile[];
  /** Whether a manifest or a marker says that all of it is there; absent where nothing is there to say so. */
  readonly complete?: boolean | undefined;
  /** Why nobody may have it, such as a name that is no file name: it can be seen, and opening it fails with this. */
  readonly refused?: string | undefined;
};

const marks = new WeakMap<ListedVersion, string>();

/** Equal for versions whose files are alike in name, place, size and sums, and practically only then. */
export function markOf(version: ListedVersion): string {
  const known = marks.get(version);
  if (known !== undefined) return known;
  const mark = computeMark(version);
  marks.set(version, mark);
  return mark;
}

function computeMark({ files, refused }: ListedVersion): string {
  const hash = createHash("sha256");
  const lines = files.map(({ at, path, size, etag, sha256, archive }) =>
    JSON.stringify([at, path, size, etag, sha256, archive]),
  );
  for (const line of lines.sort()) hash.update(line).update("\n");
  return hash.update(JSON.stringify(refused ?? null)).digest("base64");
}
