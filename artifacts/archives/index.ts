import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { type ArchiveKind, resourceExhausted } from "../../core/index.js";
import { type Budget, budget, defaultLimits, type UnpackLimits } from "./limits.js";
import { damagedArchive, refusedArchive } from "./refusal.js";
import { tarEntries } from "./tar.js";
import { writeEntries } from "./write-entries.js";
import { PIECE, zipEntries } from "./zip.js";

export { defaultLimits, type UnpackLimits } from "./limits.js";

export type Archive = { readonly kind: ArchiveKind; readonly file: string };

async function* counted(pieces: AsyncIterable<Uint8Array>, spent: Budget): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of pieces) {
    spent.bytes(piece.length);
    yield piece;
  }
}

function entriesOf({ kind, file }: Archive, limits: UnpackLimits, spent: Budget, signal: AbortSignal) {
  if (kind === "zip") return zipEntries(file, limits.entries, spent, signal);
  const packed = createReadStream(file, { highWaterMark: PIECE, signal });
  // What goes wrong ends the last of them, where it is read.
  const pieces = kind === "tar" ? packed : pipeline(packed, createGunzip({ chunkSize: PIECE }), () => {});
  return tarEntries(counted(pieces, spent));
}

/** Moves what is in `from`, or in its only folder, into `to`. */
async function moveUp(from: string, to: string): Promise<void> {
  const top = await readdir(from, { withFileTypes: true });
  const only = top.length === 1 && top[0]?.isDirectory() ? top[0].name : "";
  const root = join(from, only);
  const names = await readdir(root);
  const taken = new Set(await readdir(to));
  const twice = names.find((name) => taken.has(name));
  if (twice !== undefined) throw refusedArchive(`has "${twice}", which is there already`);
  for (const name of names) await rename(join(root, name), join(to, name));
}

const noRoom: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

function explained(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { code, message } = error as NodeJS.ErrnoException;
  if (noRoom.has(code)) return resourceExhausted(`there is no room to unpack the archive: ${message}`, error);
  if (typeof code === "string" && code.startsWith("Z_")) return damagedArchive(`is damaged: ${message}`, error);
  return error;
}

/**
 * Unpacks an archive into a folder, which is made where there is none; what is in it already stays. A single folder at
 * the archive's top is left out. Modes, owners and times are not taken over. Nothing is held in memory but the names,
 * and when it fails, nothing of it is left.
 * @throws ServingError INVALID_ARGUMENT for an archive that is hostile or beyond the limits, DATA_LOSS for one that is
 * damaged, or none; RESOURCE_EXHAUSTED when the disk is full; the system's errors; the signal's reason
 */
export async function unpack(
  { kind, file }: Archive,
  into: string,
  signal: AbortSignal,
  limits: UnpackLimits = defaultLimits,
): Promise<void> {
  signal.throwIfAborted();
  const { size } = await stat(file);
  const made = await mkdir(into, { recursive: true });
  const work = await mkdtemp(join(into, ".unpacking-"));
  try {
    const spent = budget(limits, size);
    await writeEntries(entriesOf({ kind, file }, limits, spent, signal), work, spent, signal);
    await moveUp(work, into);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (made !== undefined) await rmdir(into).catch(() => {});
    throw explained(error, signal);
  }
  await rm(work, { recursive: true, force: true });
}
