import { mkdir, stat, utimes } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type ArtifactCache,
  type Brought,
  type Clock,
  type Logger,
  messageOf,
  type RemoteVersion,
  type Telemetry,
} from "../../../core/index.js";
import { createBlobs } from "./blobs.js";
import { buildVersion } from "./build-version.js";
import { checkFiles } from "./check-files.js";
import { fileKey, versionName } from "./digest.js";
import type { DownloadRules } from "./download.js";
import { createFlights } from "./flights.js";
import { type Layout, layoutOf } from "./layout.js";
import { createLocks, type Release } from "./locks.js";
import { createOwner } from "./owner.js";
import type { OnDisk } from "./part.js";
import { createPermits } from "./permits.js";
import { createPlaces } from "./places.js";
import { progressOf } from "./progress.js";
import { createRoom } from "./room.js";
import { sweep } from "./sweep.js";
import { explained, isMissing } from "./system-errors.js";

async function sizeAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export type DiskCacheParts = {
  readonly path: string;
  readonly quota: number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Files that are fetched at once, over all versions. */
  readonly downloads?: number;
  readonly rules?: DownloadRules;
};

export interface DiskCache extends ArtifactCache {
  /** Resolves when what calls that do not wait have begun is done. */
  idle(): Promise<void>;
}

const patient: DownloadRules = { attempts: 8, firstPause: 250, longestPause: 10_000, silence: 60_000 };

/** The size of a version, as far as its files' sizes are known; files that are alike are one. */
function bytesOf({ uri, files }: RemoteVersion): number {
  const sizes = new Map(files.map((file) => [fileKey(uri, file), file.size ?? 0]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** What a version will add to the cache, as far as its files' sizes are known. */
async function bytesToCome({ uri, files }: RemoteVersion, layout: Layout): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const { size = 0, sha256 } = file;
    if (sha256 !== undefined && (await sizeAt(layout.blob(sha256))) !== undefined) continue;
    bytes += Math.max(0, size - ((await sizeAt(layout.part(fileKey(uri, file)))) ?? 0));
  }
  return bytes;
}

/** A version that is here, and in use until all who use it have left; one does from the beginning. */
type Held = { readonly use: () => Brought; readonly leave: () => void };

export function createDiskCache(parts: DiskCacheParts): DiskCache {
  const { path, quota, clock, log, telemetry, downloads = 8, rules = patient } = parts;
  const layout = layoutOf(resolve(path));
  const owner = createOwner(layout);
  const locks = createLocks(layout, owner, clock);
  const blobs = createBlobs(layout);
  const places = createPlaces(layout, owner);
  const permits = createPermits(downloads);
  const onDisk: OnDisk = async (work) => {
    try {
      return await work();
    } catch (error) {
      throw explained(error, layout.root);
    }
  };

  const room = createRoom({
    ...{ layout, owner, locks, log, quota },
    seen: ({ bytes, versions }, evicted) => telemetry.cacheSeen({ bytes, versions: versions.length, evicted }),
  });

  const sayUntidy = (error: unknown) =>
    log.warn({ path: layout.root, error }, `the cache in ${layout.root} could not be tidied: ${messageOf(error)}`);

  let swept: Promise<void> | undefined;
  async function enter(): Promise<void> {
    for (const folder of [
      layout.blobs,
      layout.versions,
      layout.parts,
      layout.journals,
      layout.locks,
      layout.places,
      layout.owners,
    ])
      await mkdir(folder, { recursive: true });
    await owner.enter();
    swept ??= sweep(layout, owner, locks).catch(sayUntidy);
    await swept;
  }

  const isHere = async (name: string) => (await sizeAt(layout.about(name))) !== undefined;

  async function hold(version: RemoteVersion, name: string, signal: AbortSignal): Promise<Held> {
    await dropped;
    await enter();
    try {
      const unlock = (await locks.tryAcquire(`version-${name}`)) ?? (await waitFor(version, name, signal));
      try {
        if (await isHere(name)) sayHere(version);
        else await fetchVersion(version, name, signal);
        return held(version, name, await owner.use(name));
      } finally {
        await unlock();
      }
    } catch (error) {
      owner.leave();
      throw error;
    }
  }

  function waitFor({ model, version, uri }: RemoteVersion, name: string, signal: AbortSignal): Promise<Release> {
    log.info({ model, version: String(version), uri }, `${model} ${version} waits: another is fetching ${uri}`);
    return locks.acquire(`version-${name}`, signal);
  }

  const sayFetched = ({ model, version, uri }: RemoteVersion, milliseconds: number) =>
    log.info(
      { model, version: String(version), uri, milliseconds },
      `${model} ${version} has come from ${uri} in ${(milliseconds / 1000).toFixed(1)} s`,
    );

  const sayHere = ({ model, version, uri }: RemoteVersion) =>
    log.info(
      { model, version: String(version), uri },
      `${model} ${version} is in the cache: ${uri} is not asked for it`,
    );

  async function fetchVersion(version: RemoteVersion, name: string, signal: AbortSignal): Promise<void> {
    const { found, received, until } = progressOf(version, telemetry, clock);
    const house = { layout, owner, locks, permits, onDisk, blobs, clock, log, rules, found, received };
    const fetched = async () => {
      const wanted = new Set(version.files.map((file) => fileKey(version.uri, file)));

      room.allows(bytesOf(version));
      await room.make(await bytesToCome(version, layout), wanted);
      await buildVersion(version, name, signal, house);
      // Archives are larger than they were, and of some files the size was not known.
      await room.make(0);
    };
    const start = clock.now();
    await until(onDisk(fetched), signal);
    sayFetched(version, clock.now() - start);
  }

  /** Resolves when what was spoiled is gone: who asks for it then has it fetched. */
  let dropped: Promise<unknown> = Promise.resolve();
  async function drop({ model, version, uri }: RemoteVersion, name: string): Promise<void> {
    if (!(await room.drop(name))) return;
    log.warn(
      { model, version: String(version), uri },
      `${model} ${version} could not be loaded, and no SHA-256 vouches for all that came from ${uri}: ` +
        "it is not kept, the next attempt fetches it anew",
    );
  }

  async function unuse(name: string, end: () => void, spoiled: RemoteVersion | undefined): Promise<void> {
    const now = new Date();
    // Of those in use by nobody, the one whose last use is longest ago goes first.
    await utimes(layout.version(name), now, now).catch(() => {});
    end();
    if (spoiled) await drop(spoiled, name).catch(sayUntidy);
    // What is in use may exceed the quota; what was in use may not.
    if (quota !== undefined) await room.make(0).catch(sayUntidy);
    owner.leave();
  }

  let leaving: Promise<unknown> = Promise.resolve();
  function held(version: RemoteVersion, name: string, end: () => void): Held {
    const sure = version.files.every(({ sha256 }) => sha256 !== undefined);
    let users = 1;
    const leave = (spoiled = false) => {
      if (--users > 0) return;
      const unused = unuse(name, end, spoiled && !sure ? version : undefined);
      leaving = Promise.all([leaving, unused]);
      if (spoiled) dropped = Promise.all([dropped, unused]);
    };
    const use = (): Brought => {
      users++;
      let released = false;
      return {
        path: layout.files(name),
        release(how) {
          if (!released) leave(how?.spoiled);
          released = true;
        },
      };
    };
    return { use, leave };
  }

  const flights = createFlights<Held, Brought>(
    ({ use }) => use(),
    ({ leave }) => leave(),
  );

  return {
    async bring(version, signal) {
      signal.throwIfAborted();
      checkFiles(version);
      const name = versionName(version);
      return flights.join(name, signal, (either) => onDisk(() => hold(version, name, either)));
    },
    has: async (version) => isHere(versionName(version)),
    remember: (place, text) =>
      onDisk(async () => {
        await enter();
        await places.write(place, text).finally(() => owner.leave());
      }),
    remembered: (place) => onDisk(() => places.read(place)),
    async idle() {
      await leaving;
      await owner.idle();
    },
  };
}
