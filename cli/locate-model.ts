import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import {
  detectServable,
  failedPrecondition,
  type LocalVersion,
  notFound,
  type ServableFactory,
} from "../core/index.js";

export type Located = { readonly version: LocalVersion; readonly factory: ServableFactory };

export type Wanted = {
  /** The folder of a version, a folder of numeric versions, or a model's file. */
  readonly path: string;
  /** Default: the newest. */
  readonly version?: bigint | undefined;
  /** Default: the type that knows the files. */
  readonly factory?: ServableFactory | undefined;
};

const isVersion = (name: string) => /^[0-9]+$/.test(name);

async function versionsIn(folder: string): Promise<ReadonlyMap<bigint, string>> {
  const entries = await readdir(folder);
  return new Map(entries.filter(isVersion).map((name) => [BigInt(name), join(folder, name)] as const));
}

/** A folder that its servable knows is one version; another that holds numbers is a model, whose newest version it is. */
async function versionAt({ path, version, factory }: Wanted): Promise<Omit<LocalVersion, "model">> {
  const whole = resolve(path);
  const info = await stat(whole).catch((error: unknown) => {
    throw notFound(`${path} is not there, or cannot be read`, error);
  });
  const versions = info.isDirectory() ? await versionsIn(whole) : new Map<bigint, string>();
  const known = versions.size === 0 || (version === undefined && (await factory?.detect?.(whole)));
  if (known) {
    if (version !== undefined) throw failedPrecondition(`${path} is one version; it has no folder ${version}`);
    const name = basename(whole);
    return { path: whole, version: isVersion(name) ? BigInt(name) : 1n };
  }
  const [newest = 0n] = [...versions.keys()].sort((a, b) => (a > b ? -1 : 1));
  const chosen = version ?? newest;
  const found = versions.get(chosen);
  if (found !== undefined) return { path: found, version: chosen };
  throw notFound(`${path} has no version ${chosen}; it has ${[...versions.keys()].join(", ")}`);
}

/** @throws NOT_FOUND, or FAILED_PRECONDITION where no type or more than one knows the files */
export async function locateModel(wanted: Wanted, factories: readonly ServableFactory[]): Promise<Located> {
  const { path, version } = await versionAt(wanted);
  const factory = wanted.factory ?? (await detectServable({ path }, factories));
  return { version: { model: basename(resolve(wanted.path)), version, path }, factory };
}
