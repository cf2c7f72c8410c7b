import { dataLoss, type ErrorCode, isServingError, type RemoteFile } from "../../../core/index.js";
import { type DownloadHouse, download } from "./download.js";
import type { Layout } from "./layout.js";
import type { Locks } from "./locks.js";
import type { Owner } from "./owner.js";
import { type OnDisk, openPart } from "./part.js";
import type { Permits } from "./permits.js";
import { isFull } from "./system-errors.js";

export type FetchHouse = {
  readonly layout: Layout;
  readonly owner: Owner;
  readonly locks: Locks;
  readonly permits: Permits;
  readonly onDisk: OnDisk;
};

/** A file to fetch, its name among parts, and its name for people. */
export type Wanted = {
  readonly file: RemoteFile;
  readonly key: string;
  readonly what: string;
  /** Takes it from where others have left it, if they have. */
  readonly takeKnown: () => Promise<boolean>;
};

/** A file that is here, complete and checked. */
export type FetchedFile = { readonly path: string; readonly sha256: string; readonly size: number };

export type Progress = {
  /** So many bytes are here already. */
  readonly found: (bytes: number) => void;
  readonly received: (bytes: number) => void;
};

/** Failures after which the bytes that are here help nobody: they are wrong, or not what is there any more, or refused. */
const hopeless: ReadonlySet<ErrorCode> = new Set(["DATA_LOSS", "ABORTED", "NOT_FOUND", "INVALID_ARGUMENT"]);

/** Files below this size are not worth the trouble of going on with them in a later attempt. */
const WORTH_KEEPING = 64 * 1024;

/**
 * Fetches a file unless it is known, and hands it to `take`, which moves it away. Of what breaks off, enough stays for a
 * later attempt to go on with, unless the disk is full.
 * @throws ServingError as `RemoteFile.fetch`; DATA_LOSS when it is not what was announced
 */
export async function fetchFile(
  wanted: Wanted,
  signal: AbortSignal,
  house: FetchHouse & DownloadHouse & Progress,
  take: (fetched: FetchedFile) => Promise<void>,
): Promise<void> {
  const { file, key, takeKnown } = wanted;
  const { layout, owner, locks, permits } = house;
  if (await takeKnown()) return;
  const kept = file.size === undefined || file.size >= WORTH_KEEPING;
  const unlock = kept ? await locks.acquire(`part-${key}`, signal) : undefined;
  try {
    // Who had the lock before may have fetched it.
    if (kept && (await takeKnown())) return;
    const giveBack = await permits.take(signal);
    const place: Place = kept ? [layout.part(key), layout.partMark(key)] : [owner.workspace(), undefined];
    try {
      while (!(await attempt(wanted, place, signal, house, take)));
    } finally {
      giveBack();
    }
  } finally {
    await unlock?.();
  }
}

type Place = readonly [path: string, mark: string | undefined];

/** Returns whether it is done: what was put together and is wrong is thrown away, and was no fault of the file's. */
async function attempt(
  { file, what }: Wanted,
  [path, mark]: Place,
  signal: AbortSignal,
  house: FetchHouse & DownloadHouse & Progress,
  take: (fetched: FetchedFile) => Promise<void>,
): Promise<boolean> {
  const part = await house.onDisk(() => openPart(path, mark, house.onDisk));
  const before = part.length;
  house.found(before);
  try {
    await download(file, part, what, signal, house);
    const size = part.length;
    const sha256 = await part.finish();
    if (file.sha256 !== undefined && file.sha256 !== sha256)
      throw dataLoss(`${what} has the SHA-256 ${sha256}, ${file.sha256} was announced`);
    await take({ path, sha256, size });
    await part.drop();
    return true;
  } catch (error) {
    const code = isServingError(error) ? error.code : undefined;
    const useless = code !== undefined && hopeless.has(code);
    const full = isFull((error as Error).cause);
    await (useless || full || mark === undefined || part.length === 0 ? part.drop() : part.close());
    if (code === "DATA_LOSS" && before > 0) return false;
    throw error;
  }
}
