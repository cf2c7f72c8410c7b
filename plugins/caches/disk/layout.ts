import { join } from "node:path";

/** Where things are in the cache's folder. All of it is on one file system, so that a rename publishes. */
export type Layout = ReturnType<typeof layoutOf>;

export const layoutOf = (root: string) => ({
  root,
  /** Files by the SHA-256 of their bytes; versions have hard links to them. */
  blobs: join(root, "blobs"),
  blob: (sha256: string) => join(root, "blobs", sha256),
  /** Complete versions. When one was last in use is the time of its folder. */
  versions: join(root, "versions"),
  version: (name: string) => join(root, "versions", name),
  /** What is handed out. */
  files: (name: string) => join(root, "versions", name, "files"),
  about: (name: string) => join(root, "versions", name, "about.json"),
  /** Files that have come in part, each with a text about what it is part of. */
  parts: join(root, "parts"),
  part: (key: string) => join(root, "parts", key),
  partMark: (key: string) => join(root, "parts", `${key}.json`),
  /** What has come of versions that are not complete. */
  journals: join(root, "journals"),
  journal: (name: string) => join(root, "journals", name),
  locks: join(root, "locks"),
  lock: (name: string) => join(root, "locks", name),
  /** Texts about places. */
  places: join(root, "places"),
  place: (key: string) => join(root, "places", key),
  /** A folder for each process at work: what it uses, and all that it has not finished. */
  owners: join(root, "owners"),
  owner: (id: string) => join(root, "owners", id),
  uses: (id: string) => join(root, "owners", id, "uses"),
});
