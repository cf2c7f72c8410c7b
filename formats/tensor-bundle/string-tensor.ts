import { crc32c } from "@node-rs/crc32";
import { dataLoss } from "../../core/index.js";
import { maskChecksum } from "../../protos/tfrecord/checksum.js";
import { type Cursor, readVarint } from "./varint.js";

/**
 * The items of a string tensor in a bundle: `count` varint lengths, a checksum of the lengths, then the bytes.
 * Items are views of `bytes`; `what` names the tensor in errors. The tensor's own checksum covers the lengths as
 * fixed-width numbers, so it is checked here too.
 * @throws DATA_LOSS
 */
export function readStringTensor(bytes: Uint8Array, count: number, stored: number, what: string): Uint8Array[] {
  // Every item takes at least one byte of length: the count is checked before anything of that size is made.
  if (count > bytes.length) throw dataLoss(`${what} is damaged: ${bytes.length} bytes cannot hold ${count} strings`);
  const cursor: Cursor = { bytes, pos: 0, end: bytes.length };
  const lengths = Array.from({ length: count }, () => readVarint(cursor, what));
  const fixed = Buffer.alloc(4 * count);
  for (const [i, length] of lengths.entries()) {
    if (length > bytes.length) throw dataLoss(`${what} is damaged: string ${i} announces ${length} bytes`);
    fixed.writeUInt32LE(length, 4 * i);
  }
  const start = cursor.pos + 4;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (start + total !== bytes.length) {
    throw dataLoss(`${what} is damaged: its strings take ${start + total} bytes, ${bytes.length} are stored`);
  }
  const ofLengths = crc32c(fixed);
  if (Buffer.from(bytes.buffer, bytes.byteOffset).readUInt32LE(cursor.pos) !== maskChecksum(ofLengths)) {
    throw dataLoss(`${what} has a wrong checksum over its lengths`);
  }
  if (maskChecksum(crc32c(bytes.subarray(cursor.pos), ofLengths)) !== stored) {
    throw dataLoss(`${what} has a wrong checksum`);
  }
  let pos = start;
  return lengths.map((length) => {
    pos += length;
    return bytes.subarray(pos - length, pos);
  });
}
