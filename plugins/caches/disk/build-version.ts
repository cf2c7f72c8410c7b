import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Archive } from "../../../artifacts/archives/index.js";
import { isServingError, type RemoteFile, type RemoteVersion, ServingError } from "../../../core/index.js";
import type { Blobs } from "./blobs.js";
import { fileKey } from "./digest.js";
import type { DownloadHouse } from "./download.js";
import { type FetchHouse, fetchFile, type Progress } from "./fetch-file.js";
import { type Journal, openJournal } from "./journal.js";
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
    const journal = await openJournal(layout.journal(name));
    await fill(files, version, journal, signal, house);
    const own = await ownBytes(files);
    const { model, uri } = version;
    const about: About = { model, version: String(version.version), uri, own };
    await writeFile(join(work, "about.json"), JSON.stringify(about));
    await syncTree(work, own > 0, signal);
    await publish(work, layout.version(name));
    await syncFolder(layout.versions);
    await journal.drop();
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

async function fill(
  folder: string,
  { uri, files }: RemoteVersion,
  journal: Journal,
  signal: AbortSignal,
  house: BuildHouse,
): Promise<void> {
  const { blobs, found } = house;
  const makeFolder = folderMaker();
  let unpacking: Promise<unknown> = Promise.resolve();

  /** One after another: which of two archives has a name first must not be left to chance. */
  async function unpackInTurn(archive: Archive, target: string, signal: AbortSignal): Promise<void> {
    const { unpack } = await import("../../../artifacts/archives/index.js");
    const own = unpacking.then(() => unpack(archive, target, signal));
    unpacking = own.catch(() => {});
    await own;
  }

  async function bringFile(file: RemoteFile, signal: AbortSignal): Promise<void> {
    const target = join(folder, file.path);
    const key = fileKey(uri, file);
    await makeFolder(file.archive ? target : dirname(target));
    const known = file.archive ? undefined : (file.sha256 ?? journal.sha256Of(key));
    const takeKnown = async () => {
      if (known === undefined || !(await blobs.place(known, target))) return false;
      found((await stat(target)).size);
      return true;
    };
    const wanted = { file, key, what: nameOf(uri, file.path), takeKnown };
    await fetchFile(wanted, signal, house, async ({ path, sha256 }) => {
      if (file.archive) {
        await unpackInTurn({ kind: file.archive, file: path }, target, signal).catch(
          saying(wanted.what, file.sha256 !== undefined),
        );
        return;
      }
      await blobs.add(path, sha256, target);
      if (file.sha256 === undefined) await journal.note(key, sha256);
    });
  }

  await eachOf(files, FILES_AT_ONCE, signal, bringFile);
}

/**
 * Names the archive, which its unpacking knows only as a file of this machine.
 * @param sure these are the bytes that were announced: should they be damaged, no others will come
 */
const saying = (what: string, sure: boolean) => (error: unknown) => {
  if (!isServingError(error)) throw error;
  const code = sure && error.code === "DATA_LOSS" ? "INVALID_ARGUMENT" : error.code;
  throw new ServingError(code, `cannot unpack ${what}: ${error.message}`, { cause: error });
};

const nameOf = (uri: string, path: string) =>
  path === "" || uri.endsWith(path) ? uri : `${uri.endsWith("/") ? uri : `${uri}/`}${path}`;
