import { uncompressSync } from "snappy";
import { dataLoss } from "../../core/index.js";
import { maskedChecksum } from "../../protos/tfrecord/checksum.js";
import { type Cursor, readVarint } from "./varint.js";

// LevelDB's table format: https://github.com/google/leveldb/blob/main/doc/table_format.md
const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const RAW = 0;
const SNAPPY = 1;
// Snappy's densest element makes 64 bytes out of 3; whoever announces far more wants the memory, not the data.
const SNAPPY_RATIO = 64;

type Handle = { readonly offset: number; readonly size: number };

function readHandle(cursor: Cursor, file: string): Handle {
  return { offset: readVarint(cursor, file), size: readVarint(cursor, file) };
}

function uncompress(contents: Uint8Array, file: string): Uint8Array {
  const announced = readVarint({ bytes: contents, pos: 0, end: contents.length }, file);
  if (announced > SNAPPY_RATIO * (contents.length + 1)) {
    throw dataLoss(`${file} is damaged: a block of ${contents.length} bytes announces ${announced} bytes of data`);
  }
  try {
    return uncompressSync(contents) as Uint8Array;
  } catch (error) {
    throw dataLoss(`${file} is damaged: a compressed block cannot be read`, error);
  }
}

function readBlock(bytes: Uint8Array, { offset, size }: Handle, file: string): Uint8Array {
  const end = offset + size;
  if (end + TRAILER_BYTES > bytes.length - FOOTER_BYTES) {
    throw dataLoss(`${file} is damaged: a block ends at byte ${end} of ${bytes.length}`);
  }
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end + 1, true);
  if (maskedChecksum(bytes.subarray(offset, end + 1)) !== stored) {
    throw dataLoss(`${file} is damaged: the block at byte ${offset} has a wrong checksum`);
  }
  const contents = bytes.subarray(offset, end);
  const kind = bytes[end]!;
  if (kind === RAW) return contents;
  if (kind === SNAPPY) return uncompress(contents, file);
  throw dataLoss(`${file} is damaged: the block at byte ${offset} has the unknown compression ${kind}`);
}

/** A key's bytes as a string of the characters 0 to 255: equal keys are equal strings, and their order is the bytes'. */
export const binaryKey = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

function* entriesOf(block: Uint8Array, file: string): Generator<readonly [string, Uint8Array]> {
  if (block.length < 4) throw dataLoss(`${file} is damaged: a block of ${block.length} bytes`);
  const restarts = new DataView(block.buffer, block.byteOffset).getUint32(block.length - 4, true);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw dataLoss(`${file} is damaged: a block announces ${restarts} restarts`);
  const cursor: Cursor = { bytes: block, pos: 0, end };
  let key = "";
  while (cursor.pos < end) {
    const shared = readVarint(cursor, file);
    const rest = readVarint(cursor, file);
    const length = readVarint(cursor, file);
    const start = cursor.pos;
    if (shared > key.length || start + rest + length > end) {
      throw dataLoss(`${file} is damaged: an entry after the key ${JSON.stringify(key)} runs over its block`);
    }
    key = key.slice(0, shared) + binaryKey(block.subarray(start, start + rest));
    cursor.pos = start + rest + length;
    yield [key, block.subarray(start + rest, cursor.pos)];
  }
}

/**
 * The entries of a LevelDB-style table, in the order of their keys. Checksums of all blocks are checked.
 * `file` names it in errors.
 * @throws DATA_LOSS
 */
export function* readTable(bytes: Uint8Array, file: string): Generator<readonly [string, Uint8Array]> {
  const footer = bytes.length - FOOTER_BYTES;
  if (footer < 0 || MAGIC.some((byte, i) => bytes[bytes.length - MAGIC.length + i] !== byte)) {
    throw dataLoss(`${file} is no variables index, or was cut short (${bytes.length} bytes)`);
  }
  const cursor: Cursor = { bytes, pos: footer, end: bytes.length - MAGIC.length };
  readHandle(cursor, file);
  const index = readBlock(bytes, readHandle(cursor, file), file);
  for (const [, value] of entriesOf(index, file)) {
    const handle = readHandle({ bytes: value, pos: 0, end: value.length }, file);
    yield* entriesOf(readBlock(bytes, handle, file), file);
  }
}
