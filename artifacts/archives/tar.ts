import { type ByteReader, byteReader } from "./byte-reader.js";
import { type ArchiveEntry, nameOf, noBytes } from "./entry.js";
import { type PaxFields, readPax } from "./pax.js";
import { damagedArchive, refusedArchive, refusedEntry } from "./refusal.js";
import { BLOCK, parseTarHeader, type TarHeader } from "./tar-header.js";

/** Of a long name or a pax header; those that tools write have some hundreds of bytes. */
const longestExtension = 64 * 1024;

const refusedTypes: Readonly<Record<string, string>> = {
  "1": "is a hard link",
  "2": "is a symbolic link",
  "3": "is a device",
  "4": "is a device",
  "6": "is a named pipe",
  K: "is a link",
  S: "is a sparse file; pack it without --sparse",
  M: "is a piece of a file that begins in another archive",
};

const cutShort = () => damagedArchive("ends in the middle: it was cut short");
const isZero = (block: Uint8Array) => block.every((byte) => byte === 0);
const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

async function* contents(reader: ByteReader, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let left = size; left > 0; ) {
    const piece = await reader.upTo(left);
    if (piece.length === 0) throw cutShort();
    left -= piece.length;
    yield piece;
  }
  const padding = padded(size) - size;
  if ((await reader.exactly(padding)).length < padding) throw cutShort();
}

async function extension(reader: ByteReader, size: number): Promise<Uint8Array> {
  if (size > longestExtension) throw refusedArchive(`has a header of ${size} bytes`);
  const bytes = await reader.exactly(padded(size));
  if (bytes.length < padded(size)) throw cutShort();
  return bytes.subarray(0, size);
}

/** Behind the first empty block nothing but emptiness may come. */
async function checkEnd(reader: ByteReader): Promise<void> {
  for (;;) {
    const piece = await reader.upTo(64 * 1024);
    if (piece.length === 0) return;
    if (!isZero(piece)) throw refusedArchive("goes on behind its end");
  }
}

function entryOf(header: TarHeader, said: PaxFields, bytes: AsyncIterable<Uint8Array>, size: number): ArchiveEntry {
  const name = nameOf(said.path ?? header.name);
  const refused = refusedTypes[header.type];
  if (refused) throw refusedEntry(name, refused);
  const isFolder = header.type === "5" || (header.type === "0" && name.endsWith("/"));
  if (!isFolder && header.type !== "0" && header.type !== "7")
    throw refusedEntry(name, `is of a type "${header.type}" that is neither file nor folder`);
  if (isFolder && size > 0) throw refusedEntry(name, "is a folder with bytes of its own");
  return isFolder ? { name, kind: "folder", bytes: noBytes } : { name, kind: "file", bytes };
}

/**
 * The entries of a tar file: ustar, pax and GNU's long names; of links, devices and sparse files none.
 * @throws INVALID_ARGUMENT, DATA_LOSS
 */
export async function* tarEntries(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry, void, void> {
  const reader = byteReader(pieces);
  try {
    yield* entriesIn(reader);
  } finally {
    await reader.close();
  }
}

async function* entriesIn(reader: ByteReader): AsyncGenerator<ArchiveEntry, void, void> {
  let said: PaxFields = {};
  for (;;) {
    const block = await reader.exactly(BLOCK);
    if (block.length < BLOCK) throw cutShort();
    if (isZero(block)) return checkEnd(reader);
    const header = parseTarHeader(block);
    if (header.type === "x") said = { ...said, ...readPax(await extension(reader, header.size), false) };
    else if (header.type === "g") readPax(await extension(reader, header.size), true);
    else if (header.type === "L") {
      const long = await extension(reader, header.size);
      said = { path: long.subarray(0, long.indexOf(0) < 0 ? long.length : long.indexOf(0)), ...said };
    } else {
      const size = said.size ?? header.size;
      const bytes = contents(reader, size);
      const entry = entryOf(header, said, bytes, size);
      said = {};
      yield entry;
      // What was not read of it stands before the next header.
      for await (const _ of bytes);
    }
  }
}
