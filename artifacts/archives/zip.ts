import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import type { ArchiveEntry } from "./entry.js";
import type { Budget } from "./limits.js";
import { damagedArchive, refusedEntry, shown } from "./refusal.js";
import { readZipDirectory } from "./zip-directory.js";
import type { ZipEntry } from "./zip-entry.js";

/** Large pieces, so that little is done for each byte. */
export const PIECE = 256 * 1024;

/** The bytes as they are in the file, inflated where they are packed. */
function unpacked(file: string, entry: ZipEntry, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const { dataStart, packedSize } = entry;
  const range = { start: dataStart, end: dataStart + packedSize - 1, highWaterMark: PIECE, signal };
  const packed = createReadStream(file, range);
  // What goes wrong ends the last of them, where it is read.
  return entry.deflated ? pipeline(packed, createInflateRaw({ chunkSize: PIECE }), () => {}) : packed;
}

async function* contents(file: string, entry: ZipEntry, spent: Budget, signal: AbortSignal) {
  let size = 0;
  let sum = 0;
  if (entry.packedSize > 0) {
    for await (const piece of unpacked(file, entry, signal)) {
      spent.bytes(piece.length);
      size += piece.length;
      if (size > entry.size) break;
      sum = crc32(piece, sum);
      yield piece;
    }
  }
  if (size !== entry.size) throw refusedEntry(entry.name, `is not of the ${entry.size} bytes that it says`);
  if (sum !== entry.crc32) throw damagedArchive(`is damaged: the CRC-32 of ${shown(entry.name)} is another`);
}

/**
 * The entries of a zip file, stored or deflated, of zip64 too; of links, devices and encrypted files none.
 * @param most entries
 * @throws INVALID_ARGUMENT, DATA_LOSS
 */
export async function* zipEntries(
  file: string,
  most: number,
  spent: Budget,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry, void, void> {
  for (const entry of await readZipDirectory(file, most)) {
    yield { name: entry.name, kind: entry.kind, bytes: contents(file, entry, spent, signal) };
  }
}
