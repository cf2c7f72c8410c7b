import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RemoteFile, RemoteVersion } from "../../../core/index.js";
import type { Blobs } from "./blobs.js";
import { fileKey } from "./digest.js";
import type { DownloadHouse } from "./download.js";
import { type FetchHouse, fetchFile, type Progress } from "./fetch-file.js";
import { eachOf } from "./permits.js";
import { codeOf } from "./system-errors.js";
import { folderMaker, ownBytes, syncFolder, syncTree } from "./tree.js";

/** Files of one version that are worked at; how many of these are fetched is limited over all versions. */
const FILES_AT_ONCE = 16;

export type BuildHouse = FetchHouse & DownloadHouse & Progress & { readonly blobs: Blobs };

/** What is kept of a version beside its files, for people and for the quota. */
export type About = {
  readonly model: string;
  readonly version: string;
  readonly uri: string;
  /** Bytes that it shares with no blob. */
  readonly own: number;
};

/**
 * Makes a version's folder out of sight, and then visible in one step. When it fails or is called off, nothing is left
 * but files that came in part or whole, for a later attempt.
 */
export async function buildVersion(
  version: RemoteVersion,
  name: string,
  signal: AbortSignal,
  house: BuildHouse,
): Promise<void> {
  const { layout, owner } = house;
  const work = owner.workspace();
  const files = join(work, "files");
  try {
    await mkdir(files, { recursive: true });
    await fill(files, version, signal, house);
    const own = await ownBytes(files);
    const { model, uri } = version;
    const about: About = { model, version: String(version.version), uri, own };
    await writeFile(join(work, "about.json"), JSON.stringify(about));
    await syncTree(work, own > 0, signal);
    await publish(work, layout.version(name));
    await syncFolder(layout.versions);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Another who was taken for dead may have been as fast. */
async function publish(work: string, target: string): Promise<void> {
  try {
    await rename(work, target);
  } catch (error) {
    const there = await stat(join(target, "about.json")).catch(() => undefined);
    if (!there || (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST")) throw error;
  }
}

async function fill(folder: string, version: RemoteVersion, signal: AbortSignal, house: BuildHouse): Promise<void> {
  const { blobs, found } = house;
  const { uri } = version;
  const makeFolder = folderMaker();
  let unpacking: Promise<unknown> = Promise.resolve();

  async function bringFile(file: RemoteFile, signal: AbortSignal): Promise<void> {
    const target = join(folder, file.path);
    await makeFolder(file.archive ? target : dirname(target));
    if (!file.archive && file.sha256 !== undefined && (await blobs.place(file.sha256, target)))
      return found((await stat(target)).size);
    const wanted = { file, key: fileKey(uri, file), what: nameOf(uri, file.path) };
    await fetchFile(wanted, signal, house, async ({ path, sha256 }) => {
      if (!file.archive) return blobs.add(path, sha256, target);
      const archive = { kind: file.archive, file: path };
      // One after another: which of two has a name first must not be left to chance.
      const before = unpacking;
      const own = before.catch(() => {}).then(() => unpack(archive, target, signal));
      unpacking = own;
      await own;
    });
  }

  await eachOf(version.files, FILES_AT_ONCE, signal, bringFile);
}

async function unpack(
  ...args: Parameters<typeof import("../../../artifacts/archives/index.js")["unpack"]>
): Promise<void> {
  const archives = await import("../../../artifacts/archives/index.js");
  await archives.unpack(...args);
}

const nameOf = (uri: string, path: string) =>
  path === "" || uri.endsWith(path) ? uri : `${uri.endsWith("/") ? uri : `${uri}/`}${path}`;
