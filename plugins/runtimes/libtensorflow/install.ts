import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { failedPrecondition, messageOf, ServingError } from "../../../core/index.js";
import { cacheFolder } from "./cache.js";
import { download, official, wheelFromPip } from "./download.js";
import { forgetSearch, type TfLibrary } from "./find.js";
import { libraryIn } from "./library-files.js";
import { CACHE_ORIGIN } from "./places.js";
import { noRoom } from "./room.js";
import { unpack } from "./unpack.js";
import { verify } from "./verify.js";

export type InstallOptions = {
  /** A wheel, .tar.gz, .zip or folder that holds libtensorflow, or the URL of such a file. */
  readonly from?: string;
  /** Gets one line of progress at a time, for people. */
  readonly log: (line: string) => void;
};

const isUrl = (from: string) => /^https?:\/\//.test(from);

/** A local file or folder that holds libtensorflow; fetched into `work` where it is not on this machine yet. */
async function obtain({ from, log }: InstallOptions, work: string): Promise<string> {
  if (from !== undefined) return isUrl(from) ? download(from, work, log) : resolve(from);
  const wheel = await wheelFromPip(work, log);
  if (wheel !== undefined) return wheel;
  return download(official(), work, log);
}

const PARTIAL = ".partial-";
const DAY = 24 * 3600_000;

/** Removes what installations have left that were killed. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(PARTIAL)) continue;
    const info = await stat(path).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}

/** Puts `folder` in the place of `target`, so that a process that looks sees either the old one or the new one. */
async function replace(folder: string, target: string): Promise<void> {
  const old = `${folder}.old`;
  await rename(target, old).catch(() => {});
  await rename(folder, target);
  await rm(old, { recursive: true, force: true });
}

/**
 * Brings libtensorflow into Salver's cache, where `findLibrary` sees it: out of `from`, else out of Python's wheel by
 * pip, else out of TensorFlow's official archive. Nothing is left behind when it fails, and what was there before stays.
 * @throws ServingError that says what went wrong and what to do
 */
export async function installLibrary(options: InstallOptions): Promise<TfLibrary> {
  const { log } = options;
  const cache = cacheFolder();
  let work: string | undefined;
  try {
    await mkdir(cache, { recursive: true });
    await sweep(cache);
    // In the cache itself, since a rename works only within one file system.
    work = await mkdtemp(join(cache, PARTIAL));
    const source = await obtain(options, work);
    if (!(await stat(source).catch(() => undefined))) throw failedPrecondition(`there is no ${source}`);
    const folder = join(work, "libraries");
    await mkdir(folder);
    log(`unpacking ${basename(source)}`);
    await unpack(source, folder, log);
    const files = await libraryIn(folder);
    if (!files) throw failedPrecondition(`${basename(source)} holds no libtensorflow for ${process.platform}`);
    log("loading it once in a process of its own");
    const version = await verify(files);
    const target = join(cache, version);
    await replace(folder, target);
    await forgetSearch();
    const installed = await libraryIn(target);
    if (!installed) throw failedPrecondition(`another process has changed ${target}; try again`);
    log(`TensorFlow ${version} is in ${target}`);
    return { ...installed, version, origin: CACHE_ORIGIN };
  } catch (error) {
    throw explain(error, cache);
  } finally {
    if (work) await rm(work, { recursive: true, force: true });
  }
}

function explain(error: unknown, cache: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === "ENOSPC") return noRoom(cache, error);
  if (code === "EACCES" || code === "EROFS" || code === "EPERM") {
    const message = `cannot write to ${cache} (${messageOf(error)}); set XDG_CACHE_HOME to a folder that can be written`;
    return new ServingError("PERMISSION_DENIED", message, { cause: error });
  }
  return error;
}
