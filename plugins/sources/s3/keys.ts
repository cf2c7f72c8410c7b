import { readFilePath } from "../../../artifacts/archives/file-path.js";
import { nameTree } from "../../../artifacts/archives/name-tree.js";
import { shown } from "../../../artifacts/archives/refusal.js";
import type { ListedFile } from "../../../artifacts/listing.js";
import { parseVersion } from "../../../artifacts/version-name.js";
import type { StoredObject } from "./bucket.js";
import type { S3Options } from "./options.js";

/** What the keys of all versions begin with. */
export const keyPrefix = ({ prefix }: Pick<S3Options, "prefix">): string =>
  prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;

/** The key that an URL means in a manifest; `undefined` when it leads out of the bucket. */
export function keyOf(url: string, bucket: string, manifest: string): string | undefined {
  try {
    const folder = `s3://${bucket}/`;
    const { href, search, hash } = new URL(url, folder + manifest.split("/").map(encodeURIComponent).join("/"));
    return href.startsWith(folder) && search === "" && hash === ""
      ? decodeURIComponent(href.slice(folder.length))
      : undefined;
  } catch {
    return undefined;
  }
}

/** More than this a version cannot have. */
export const mostObjects = 100_000;

/**
 * The numeric ones of `folders`, by their version. Of two names for one number the last in sort order is taken.
 * @param folders what keys have in common up to the first slash after `prefix`, such as `ctr/3/`
 */
export function versionFolders(prefix: string, folders: readonly string[]): ReadonlyMap<bigint, string> {
  const found = new Map<bigint, string>();
  for (const folder of folders.toSorted()) {
    const version = parseVersion(folder.slice(prefix.length, -1));
    if (version !== undefined) found.set(version, folder);
  }
  return found;
}

/** Why objects with these keys after their version's cannot be files of one folder, on any machine. */
function refusedPaths(paths: readonly string[]): string | undefined {
  if (paths.length > mostObjects) return `it has more than ${mostObjects} objects`;
  const tree = nameTree();
  for (const path of paths) {
    const read = readFilePath(path);
    const changed = "segments" in read && read.segments.join("/") !== path ? 'has a "." in its path' : undefined;
    const why = "refused" in read ? read.refused : (changed ?? tree.add(read.segments, "file"));
    if (why !== undefined) return `the key ${shown(path)} in it ${why}`;
  }
  return undefined;
}

export type VersionFiles = {
  readonly files: readonly ListedFile[];
  /** Why they cannot be written as files. */
  readonly refused: string | undefined;
  readonly marked: boolean;
};

/** The objects under `folder` as files of a version. The marker is none of them. */
export function versionFiles(
  folder: string,
  objects: readonly StoredObject[],
  marker: string | undefined,
): VersionFiles {
  const files: ListedFile[] = [];
  let marked = false;
  for (const { key, size, etag } of objects) {
    const path = key.slice(folder.length);
    if (path === marker) marked = true;
    // Consoles make an object of no bytes where a person makes a folder.
    else if (size > 0 || !(path === "" || path.endsWith("/"))) files.push({ at: key, path, size, etag });
  }
  return { files, refused: refusedPaths(files.map(({ path }) => path)), marked };
}
