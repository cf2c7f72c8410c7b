import { z } from "zod";
import { type ArchiveKind, invalidArgument, messageOf } from "../core/index.js";
import { archiveKindOf } from "./archive-name.js";
import { readFilePath } from "./archives/file-path.js";
import { nameTree } from "./archives/name-tree.js";
import { shown } from "./archives/refusal.js";
import { parseVersion } from "./version-name.js";

/** A file of a version, as a manifest names it. */
export type ManifestFile = {
  readonly path: string;
  /** As written: relative to the manifest, or absolute. */
  readonly url: string;
  readonly size?: number | undefined;
  /** Lower-case hexadecimal. */
  readonly sha256?: string | undefined;
  readonly archive?: ArchiveKind | undefined;
};

export type ManifestVersion = { readonly version: bigint; readonly files: readonly ManifestFile[] };

const mostVersions = 10_000;
const mostFiles = 100_000;

const url = z.string().min(1);
const size = z.number().int().nonnegative().optional();
const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, { error: "expected 64 hexadecimal digits" })
  .transform((digits) => digits.toLowerCase())
  .optional();

const version = z
  .union([z.string(), z.number().int()], { error: "expected a whole number" })
  .transform((written, context) => {
    const parsed = parseVersion(String(written));
    if (parsed === undefined) context.addIssue({ code: "custom", message: "expected a whole number of 64 bits" });
    return parsed ?? 0n;
  });

const file = z.strictObject({ path: z.string().min(1), url, size, sha256 });

const entry = z
  .strictObject({ version, url: url.optional(), size, sha256, files: z.array(file).min(1).max(mostFiles).optional() })
  .superRefine((each, context) => {
    const say = (message: string) => context.addIssue({ code: "custom", message });
    if ((each.url === undefined) === (each.files === undefined)) say('expected either "url" or "files"');
    if (each.files && (each.size !== undefined || each.sha256 !== undefined))
      say('"size" and "sha256" belong to each of the files');
  });

const schema = z.strictObject({ versions: z.array(entry).max(mostVersions) });

/** `versions[1].sha256` */
const placeOf = (path: readonly PropertyKey[]) =>
  path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${String(step)}`)).join("");

/** What a single file that is no archive is called: the last name in its URL. */
function nameIn(written: string): string {
  const path = written.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    return "";
  }
}

function filesOf({ url, files, size, sha256 }: z.output<typeof entry>): readonly ManifestFile[] {
  if (files) return files;
  const written = url ?? "";
  const archive = archiveKindOf(nameIn(written));
  return [{ path: archive ? "" : nameIn(written), url: written, size, sha256, archive }];
}

/** Why these cannot be the files of one folder. */
function refusedPath(files: readonly ManifestFile[]): string | undefined {
  const tree = nameTree();
  for (const { path, archive } of files) {
    if (archive && path === "") continue;
    const read = readFilePath(path);
    const why = "refused" in read ? read.refused : tree.add(read.segments, "file");
    if (why !== undefined) return `the file ${shown(path)} ${why}`;
  }
  return undefined;
}

function parsed(text: string, where: string): z.output<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalidArgument(`${where} is no JSON: ${messageOf(error)}`, error);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map(({ path, message }) => `${placeOf(path) || "it"}: ${message}`);
  throw invalidArgument(`${where} is no list of versions: ${problems.join("; ")}`);
}

/**
 * Reads a `versions.json`: `{ "versions": [{ "version": "3", "url": "ctr-3.tar.gz", "size": 12345, "sha256": "…" }] }`.
 * The version is a string or a number, size and sha256 may be missing, and a version that is not packed has `files` with
 * `path`, `url`, `size` and `sha256` each instead.
 * @param where names it in errors
 * @throws INVALID_ARGUMENT that names the entry
 */
export function parseManifest(text: string, where: string): readonly ManifestVersion[] {
  const seen = new Set<bigint>();
  return parsed(text, where).versions.map((each, i) => {
    const place = `versions[${i}]`;
    if (seen.has(each.version)) throw invalidArgument(`${where}: ${place}: version ${each.version} comes twice`);
    seen.add(each.version);
    const files = filesOf(each);
    const refused = refusedPath(files);
    if (refused !== undefined) throw invalidArgument(`${where}: ${place}: ${refused}`);
    return { version: each.version, files };
  });
}
