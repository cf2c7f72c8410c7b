import { Buffer } from "node:buffer";

/** Of one segment, bytes in UTF-8; what nearly every file system takes. */
const longestSegment = 255;
/** Of all of it, bytes in UTF-8: leaves room for the folder that it goes into. */
const longestPath = 1024;
const deepest = 32;

const wrongSegment = (segment: string): string | undefined => {
  if (segment === "") return "has an empty name between two slashes";
  if (segment === "..") return 'leads out of its folder by ".."';
  if (segment === ".") return 'has a "." in its path';
  if (Buffer.byteLength(segment) > longestSegment) return `has a name longer than ${longestSegment} bytes`;
  // Some file systems store and compare names in this form, where "．．" and "／" are what they look like.
  const plain = segment.normalize("NFKC");
  if (plain === "." || plain === ".." || /[/\\\0]/.test(plain)) return "has characters that look like a path's own";
  return undefined;
};

/** The segments of a file's path inside a folder, or why nobody may create that file. */
export type FilePath = { readonly segments: readonly string[] } | { readonly refused: string };

/**
 * Reads a relative path that a stranger wrote, an archive, a list, a bucket's key. Separated by "/"; "./" in front is
 * left out. It is refused when it could lead out of its folder on any system, or be taken for another one by an eye.
 * `refused` continues a sentence that begins with the path.
 */
export function readFilePath(path: string): FilePath {
  if (path.includes("\0")) return { refused: "has a NUL in its name" };
  if (/\p{Cc}/u.test(path)) return { refused: "has control characters in its name" };
  if (/[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(path)) return { refused: "has invisible characters in its name" };
  if (path.includes("\\")) return { refused: "has a backslash in its name" };
  if (path.startsWith("/")) return { refused: "is an absolute path" };
  const inside = path.replace(/^(\.\/)+/, "");
  if (/^[a-z]:/i.test(inside)) return { refused: "begins with a drive letter" };
  if (Buffer.byteLength(inside) > longestPath) return { refused: `has a path longer than ${longestPath} bytes` };
  const segments = inside.split("/");
  if (segments.length > deepest) return { refused: `is more than ${deepest} folders deep` };
  const wrong = segments.map(wrongSegment).find((why) => why !== undefined);
  return wrong === undefined ? { segments } : { refused: wrong };
}
