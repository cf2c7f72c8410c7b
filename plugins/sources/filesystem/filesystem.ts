import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type Artifact,
  type Host,
  messageOf,
  notFound,
  type Problem,
  type Sighting,
  type Source,
} from "../../../core/index.js";
import { doorbell } from "./doorbell.js";
import { ringOnChange } from "./hints.js";
import type { FilesystemOptions } from "./options.js";
import { type Look, versionFolder } from "./version-folder.js";

/** How often to look at versions still changing where nothing else says so. */
const defaultSettle = 1000;

/** A path that is not there yet is nearly always a mistake in the config, unless it says to wait. */
export async function checkPath(options: FilesystemOptions, host: Host): Promise<readonly Problem[]> {
  const path = resolve(host.baseDir, options.path);
  try {
    await stat(path);
    return [];
  } catch (error) {
    if (isMissing(error) && options.wait) return [];
    return [{ option: "path", message: isMissing(error) ? `there is nothing at ${path}` : messageOf(error) }];
  }
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Whatever comes first: a file system that hangs must not keep a source from ending. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

const aborted = (signal: AbortSignal) => unlessAborted(new Promise<never>(() => {}), signal);

function artifact(model: string, version: bigint, path: string): Artifact {
  return {
    version,
    uri: path,
    async open(signal) {
      signal.throwIfAborted();
      try {
        return await realpath(path);
      } catch (error) {
        throw notFound(`version ${version} of ${model} is no longer at ${path}`, error);
      }
    },
  };
}

const keyOf = ({ versions }: Look) => [...versions].map(([version, path]) => `${version} ${path}`).join("\n");

export function filesystemSource(host: Host, options: FilesystemOptions): Source {
  const { id: model, clock, log } = host;
  const { poll, settle = poll || defaultSettle } = options;
  const base = resolve(host.baseDir, options.path);
  const disposed = new AbortController();
  const again =
    poll > 0 ? `looked for again every ${poll / 1000} s` : "not looked for again: start anew once it is there";
  const wanted = `expected a numeric folder such as ${base}/1, which is ${again}`;

  async function* sightings(signal: AbortSignal): AsyncGenerator<Sighting, void, void> {
    const folder = versionFolder(base, settle, clock, log);
    const bell = doorbell(clock);
    const endHints = options.watch && poll > 0 ? ringOnChange(base, bell.ring, log) : async () => {};
    let known: string | undefined;
    let broken = false;

    const report = (error: unknown) => {
      if (known === undefined && options.wait && isMissing(error)) {
        log.warn({ path: base }, `${model} waits for a version: there is no ${base} yet; ${wanted}`);
      } else {
        log.error({ path: base }, `cannot look into ${base}, what is loaded stays: ${messageOf(error)}`);
      }
    };

    const look = async () => {
      try {
        const seen = await unlessAborted(folder.look(), signal);
        if (seen && broken) log.info({ path: base }, `${base} can be read now`);
        if (seen) broken = false;
        return seen;
      } catch (error) {
        if (!broken) report(error);
        broken = true;
        return undefined;
      }
    };

    try {
      while (!signal.aborted) {
        const seen = await look();
        // At the start "nothing yet" is no news while something is on its way.
        const early = known === undefined && seen?.versions.size === 0 && seen.due !== undefined;
        if (seen && !early && !signal.aborted && keyOf(seen) !== known) {
          const waits = known === undefined ? `${model} waits for a version: ` : "";
          known = keyOf(seen);
          if (known === "") log.warn({ path: base }, `${waits}there is no version in ${base}; ${wanted}`);
          yield { model, versions: [...seen.versions].map(([version, path]) => artifact(model, version, path)) };
        }
        const due = seen?.due ?? Number.POSITIVE_INFINITY;
        if (poll > 0) await bell.wait(Math.min(poll, due), signal);
        else if (seen?.due !== undefined) await bell.wait(due, signal);
        else await aborted(signal);
      }
    } finally {
      await endHints();
    }
  }

  return {
    watch: (signal) => sightings(AbortSignal.any([signal, disposed.signal])),
    [Symbol.asyncDispose]: async () => disposed.abort(),
  };
}
