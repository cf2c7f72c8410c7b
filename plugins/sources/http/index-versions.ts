import { archiveKindOf, withoutEnding } from "../../../artifacts/archive-name.js";
import type { ListedVersion } from "../../../artifacts/listing.js";
import { parseVersion } from "../../../artifacts/version-name.js";
import { type Clock, type CodeName, isServingError } from "../../../core/index.js";
import type { Client } from "./client.js";
import type { IndexEntry } from "./index-page.js";
import { fileAt, folderFiles } from "./index-walk.js";
import { shownUrl } from "./links.js";

/** The entries that are versions: numeric folders, and archives with numeric names. Of two for one number the last counts. */
export function versionEntries(entries: readonly IndexEntry[]): ReadonlyMap<bigint, IndexEntry> {
  const found = new Map<bigint, IndexEntry>();
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const archive = entry.isFolder ? undefined : archiveKindOf(entry.name);
    const version =
      entry.isFolder || archive ? parseVersion(archive ? withoutEnding(entry.name) : entry.name) : undefined;
    if (version !== undefined) found.set(version, entry);
  }
  return found;
}

/** These are about one version alone, and it will not help to ask for all of them again. */
const own: ReadonlySet<CodeName> = new Set([
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "INVALID_ARGUMENT",
  "RESOURCE_EXHAUSTED",
]);

export type IndexRules = {
  readonly marker?: string | undefined;
  /** Milliseconds. */
  readonly recheck: number;
};

/** The versions in a directory index, look after look. */
export interface IndexVersions {
  list(
    entries: readonly IndexEntry[],
    settled: ReadonlyMap<bigint, ListedVersion>,
    signal: AbortSignal,
  ): Promise<readonly ListedVersion[]>;
  /** Something is not as it was listed: the next look is a thorough one. */
  doubt(): void;
}

/** A version's files are asked for while it is new or changing, then every `recheck`. */
export function indexVersions(client: Client, clock: Clock, { marker, recheck }: IndexRules): IndexVersions {
  const looked = new Map<bigint, number>();
  let doubted = false;

  async function listed(
    version: bigint,
    { name, isFolder, url }: IndexEntry,
    signal: AbortSignal,
  ): Promise<ListedVersion> {
    const uri = shownUrl(url);
    if (!isFolder) {
      const file = await fileAt({ path: "", url }, client, signal);
      return { version, uri, files: [{ ...file, archive: archiveKindOf(name) }] };
    }
    const found = await folderFiles(url, client, signal);
    const files = found.filter(({ path }) => path !== marker);
    return { version, uri, files, ...(marker !== undefined && { complete: files.length < found.length }) };
  }

  async function listOrRefuse(version: bigint, entry: IndexEntry, signal: AbortSignal): Promise<ListedVersion> {
    try {
      return await listed(version, entry, signal);
    } catch (error) {
      if (!isServingError(error) || !own.has(error.code)) throw error;
      const uri = shownUrl(entry.url);
      return { version, uri, files: [], refused: `version ${version} at ${uri} is refused: ${error.message}` };
    }
  }

  return {
    doubt() {
      doubted = true;
    },
    async list(entries, settled, signal) {
      const found = versionEntries(entries);
      for (const gone of looked.keys()) if (!found.has(gone)) looked.delete(gone);
      const thorough = doubted;
      doubted = false;
      const seen: ListedVersion[] = [];
      for (const [version, entry] of found) {
        const known = settled.get(version);
        const at = looked.get(version);
        const isFresh = at !== undefined && clock.now() - at < recheck && !thorough;
        if (known && isFresh && known.uri === shownUrl(entry.url)) seen.push(known);
        else {
          looked.set(version, clock.now());
          seen.push(await listOrRefuse(version, entry, signal));
        }
      }
      return seen;
    },
  };
}
