import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { cachedVersions, cacheFolder } from "./cache.js";
import { type LibraryFiles, libraryIn, libraryNames, withFramework } from "./library-files.js";
import { interpreters, tensorflowPackage } from "./python.js";

/** One place that was looked at. */
type Looked = {
  /** Which kind of place, without a path: `Salver's cache`. */
  readonly origin: string;
  /** The same with its path. */
  readonly place: string;
};
export type Hit = Looked & { readonly files: LibraryFiles };
/** `result` says why there is nothing to load. */
export type Miss = Looked & { readonly result: string };
export type Place = Hit | Miss;

export const ENV_ORIGIN = "LIBTENSORFLOW_PATH";
export const CACHE_ORIGIN = "Salver's cache";

async function inFolder(origin: string, folder: string): Promise<Place> {
  const files = await libraryIn(folder);
  const place = `${origin}: ${folder}`;
  return files ? { origin, place, files } : { origin, place, result: `holds no ${libraryNames.main.join(" or ")}` };
}

async function fromEnvironment(path: string): Promise<Place> {
  const place = `${ENV_ORIGIN}: ${path}`;
  const info = await stat(path).catch(() => undefined);
  if (!info) return { origin: ENV_ORIGIN, place, result: "no such file or folder" };
  if (info.isDirectory()) return inFolder(ENV_ORIGIN, path);
  return { origin: ENV_ORIGIN, place, files: await withFramework(path, dirname(path)) };
}

/** The npm package as seen from the working folder, else from here. */
async function fromPackage(name: string, cwd: string): Promise<Place> {
  for (const base of [join(cwd, "package.json"), import.meta.url]) {
    try {
      const manifest = createRequire(base).resolve(`${name}/package.json`);
      return await inFolder(name, join(dirname(manifest), "deps", "lib"));
    } catch {}
  }
  return { origin: name, place: name, result: "not installed" };
}

async function* fromCache(env: NodeJS.ProcessEnv): AsyncGenerator<Place> {
  const folder = cacheFolder(env);
  const versions = await cachedVersions(folder);
  if (versions.length === 0) {
    yield { origin: CACHE_ORIGIN, place: `${CACHE_ORIGIN}: ${folder}`, result: "empty" };
  }
  for (const version of versions) yield await inFolder(CACHE_ORIGIN, join(folder, version));
}

async function* fromPython(env: NodeJS.ProcessEnv): AsyncGenerator<Place> {
  const origin = "Python's tensorflow";
  const seen = new Set<string>();
  for (const interpreter of interpreters(env)) {
    const found = await tensorflowPackage(interpreter, env);
    if ("result" in found) {
      yield { origin, place: `${origin}: ${interpreter}`, result: found.result };
    } else if (!seen.has(found.folder)) {
      seen.add(found.folder);
      yield await inFolder(origin, found.folder);
    }
  }
}

const triplets: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

const systemFolders: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/usr/local/lib", "/usr/lib", "/usr/lib64", `/usr/lib/${triplets[process.arch] ?? process.arch}`],
  darwin: ["/usr/local/lib", "/opt/homebrew/lib"],
};

const searchPath: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "LD_LIBRARY_PATH",
  darwin: "DYLD_LIBRARY_PATH",
  win32: "PATH",
};

async function* fromSystem(env: NodeJS.ProcessEnv): AsyncGenerator<Place> {
  const listed = env[searchPath[process.platform] ?? ""]?.split(delimiter) ?? [];
  const folders = new Set([...listed.filter(Boolean), ...(systemFolders[process.platform] ?? [])]);
  const origin = "the system's libraries";
  let found = false;
  for (const folder of folders) {
    const place = await inFolder(origin, folder);
    if (!("files" in place)) continue;
    found = true;
    yield place;
  }
  if (!found) yield { origin, place: `${origin}: ${[...folders].join(", ")}`, result: "none there" };
}

/**
 * Every place where libtensorflow may lie, in the order of preference, each looked at only when it is asked for.
 * A set `LIBTENSORFLOW_PATH` is the only place: whoever names a library does not want another one.
 */
export async function* places(env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): AsyncGenerator<Place> {
  const path = env[ENV_ORIGIN];
  if (path) {
    yield await fromEnvironment(path);
    return;
  }
  yield { origin: ENV_ORIGIN, place: ENV_ORIGIN, result: "not set" };
  yield await fromPackage("@tensorflow/tfjs-node-gpu", cwd);
  yield await fromPackage("@tensorflow/tfjs-node", cwd);
  yield* fromCache(env);
  yield* fromPython(env);
  yield* fromSystem(env);
}
