import type { ListedVersion } from "../../../artifacts/listing.js";
import type { RemotePlace } from "../../../artifacts/remote-place.js";
import { failedPrecondition, type Host } from "../../../core/index.js";
import type { Bucket } from "./bucket.js";
import { inWords } from "./cost.js";
import { keyPrefix, mostObjects, versionFiles, versionFolders } from "./keys.js";
import type { S3Options } from "./options.js";

type Taken = {
  /** When its objects were listed, by the host's clock. */
  readonly at: number;
  readonly pages: number;
};

/**
 * A prefix of a bucket. One request tells which versions are there; their objects are listed while they are new or
 * changing, then every `recheck`, and at once when a download finds that something has changed.
 */
export function s3Place(host: Host, bucket: Bucket, options: S3Options): RemotePlace {
  const { clock, log } = host;
  const { marker, poll, recheck } = options;
  const prefix = keyPrefix(options);
  const uri = `s3://${options.bucket}/${prefix}`;
  const taken = new Map<bigint, Taken>();
  let suspect = false;
  let told = false;

  async function listVersion(version: bigint, folder: string, signal: AbortSignal): Promise<ListedVersion | undefined> {
    const at = clock.now();
    const { objects, pages } = await bucket.list(folder, false, mostObjects, signal);
    taken.set(version, { at, pages });
    const { files, refused, marked } = versionFiles(folder, objects, marker);
    // All that was in it went between the two requests.
    if (files.length === 0 && !marked) return undefined;
    const where = `s3://${options.bucket}/${folder}`;
    return {
      version,
      uri: where,
      files,
      ...(marker !== undefined && { complete: marked }),
      ...(refused !== undefined && { refused: `version ${version} at ${where} is refused: ${refused}` }),
    };
  }

  function tellCost(perLook: number): void {
    if (told) return;
    told = true;
    const perRecheck = [...taken.values()].reduce((sum, each) => sum + each.pages, 0);
    const habits = { verb: "LIST", poll, perLook, recheck, perRecheck } as const;
    log.info({ uri }, `watching ${uri} takes ${inWords(habits, options.endpoint === undefined)}`);
  }

  return {
    uri,
    memory: JSON.stringify(["s3", options.endpoint ?? "", options.bucket, prefix, marker ?? ""]),
    wanted: `objects such as ${uri}1/saved_model.pb`,
    completedBy: marker,

    async look(signal, settled) {
      const { folders, pages } = await bucket.list(prefix, true, mostObjects, signal);
      if (folders.length > mostObjects) throw failedPrecondition(`there are more than ${mostObjects} names at ${uri}`);
      const found = versionFolders(prefix, folders);
      for (const gone of taken.keys()) if (!found.has(gone)) taken.delete(gone);
      const fresh = suspect;
      suspect = false;
      const seen: ListedVersion[] = [];
      for (const [version, folder] of found) {
        const known = settled.get(version);
        const last = taken.get(version);
        const due = fresh || !last || clock.now() - last.at >= recheck;
        const listed = known && !due ? known : await listVersion(version, folder, signal);
        if (listed) seen.push(listed);
      }
      tellCost(pages);
      return seen;
    },

    async fetch({ at, size, etag }, offset, signal) {
      // A server would say that there is no such range.
      if (offset > 0 && offset === size) return { offset, size, etag, bytes: nothing() };
      try {
        return await bucket.get(at, etag, offset, signal);
      } catch (error) {
        suspect = true;
        throw error;
      }
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
