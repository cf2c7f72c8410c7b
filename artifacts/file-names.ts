/** What a name may be on the file systems of all machines that share a model. */
const longestSegment = 255;
const longestPath = 1024;
const mostFiles = 100_000;

/** Controls are invisible to people and end names in C; a backslash separates folders on some systems. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const forbidden = /[\u0000-\u001f\u007f\\]/;

/** One code unit of a pair alone: such text has no UTF-8, so no name either. */
const broken = /\p{Surrogate}/u;

/** Why `path`, segments joined by "/", cannot be a file inside a folder; `undefined` when it can. */
export function badPath(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.length > longestPath) return `it has ${path.length} characters, more than ${longestPath}`;
  if (forbidden.test(path)) return "it has a control character or a backslash in it";
  if (broken.test(path)) return "it is not proper Unicode";
  for (const segment of path.split("/")) {
    if (segment === "") return "it has an empty segment";
    if (segment === "." || segment === "..") return `it has the segment "${segment}"`;
    if (Buffer.byteLength(segment) > longestSegment) return `it has a segment of more than ${longestSegment} bytes`;
  }
  return undefined;
}

/** Alike for names that some file systems take for one: these ignore case, or how a letter and its accents are put together. */
const folded = (path: string) => path.normalize("NFC").toLowerCase().normalize("NFC");

/**
 * Why `paths` cannot all be files of one folder; `undefined` when they can, on any machine.
 * Names appear in the answer as JSON writes them.
 */
export function badPaths(paths: readonly string[]): string | undefined {
  if (paths.length > mostFiles) return `there are ${paths.length} files, more than ${mostFiles}`;
  const seen = new Map<string, string>();
  const folders = new Map<string, string>();
  const said = (path: string) => JSON.stringify(path);
  for (const path of paths) {
    const reason = badPath(path);
    if (reason) return `${said(path.slice(0, 200))} cannot be a file name: ${reason}`;
    const key = folded(path);
    const other = seen.get(key);
    if (other !== undefined) return `${said(other)} and ${said(path)} are one name to some file systems`;
    seen.set(key, path);
    const segments = path.split("/");
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = segments.slice(0, depth).join("/");
      const known = folders.get(folded(folder));
      if (known !== undefined && known !== folder)
        return `${said(known)} and ${said(folder)} are one name to some file systems`;
      folders.set(folded(folder), folder);
    }
  }
  for (const [key, path] of seen) if (folders.has(key)) return `${said(path)} is both a file and a folder`;
  return undefined;
}
