import { createHash } from "node:crypto";
import type { RemoteFile, RemoteVersion } from "../../../core/index.js";

/** A file name for anything that can be said as JSON. */
export const digestOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

/** What tells a file's bytes from others: their digest, or else where they are and what is known of them there. */
export function fileKey(uri: string, { path, size, etag, sha256 }: RemoteFile): string {
  return sha256 ?? digestOf([uri, path, size ?? null, etag ?? null]);
}

/** Alike for versions whose folders would be, as far as can be known before they are fetched. */
export function versionName({ uri, files }: RemoteVersion): string {
  const marks = files.map((file) => [file.path, file.archive ?? null, file.size ?? null, fileKey(uri, file)]);
  return digestOf(marks.map((mark) => JSON.stringify(mark)).sort());
}
