import { createReadStream } from "node:fs";
import { dataLoss, resourceExhausted } from "../../core/index.js";
import { maskedChecksum } from "./checksum.js";
import { chunksOf } from "./chunks.js";
import { CHECKSUM, HEADER, LENGTH } from "./framing.js";

export type ReadOptions = {
  /** The longest record taken, in bytes: as much may be in memory at once. */
  readonly maxRecord?: number;
};

const GiB = 2 ** 30;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const truncated = (offset: number) => dataLoss(`truncated record at ${offset}`);
const corrupted = (offset: number, what: string) =>
  dataLoss(`corrupted record at ${offset}: the checksum of its ${what} is wrong`);

/**
 * The data of each record in turn, from bytes that come in any pieces. Memory for a record is taken as its bytes come,
 * so a length that lies costs nothing.
 * @throws ServingError DATA_LOSS, with the record's offset, where the stream ends inside a record or a checksum is
 * wrong; RESOURCE_EXHAUSTED for a record that is too long
 */
export async function* readRecords(
  stream: AsyncIterable<Uint8Array>,
  { maxRecord = GiB }: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = stream[Symbol.asyncIterator]();
  try {
    const chunks = chunksOf(source);
    for (let offset = 0; ; ) {
      const header = await chunks.take(HEADER);
      if (header.byteLength === 0) return;
      if (header.byteLength < HEADER) throw truncated(offset);
      if (view(header).getUint32(LENGTH, true) !== maskedChecksum(header.subarray(0, LENGTH))) {
        throw corrupted(offset, "length");
      }
      const length = Number(view(header).getBigUint64(0, true));
      if (length > maxRecord) {
        throw resourceExhausted(`the record at ${offset} has ${length} bytes, at most ${maxRecord} are read`);
      }
      const data = await chunks.take(length);
      const footer = await chunks.take(CHECKSUM);
      if (data.byteLength < length || footer.byteLength < CHECKSUM) throw truncated(offset);
      if (view(footer).getUint32(0, true) !== maskedChecksum(data)) throw corrupted(offset, "data");
      yield data;
      offset += HEADER + length + CHECKSUM;
    }
  } finally {
    await source.return?.();
  }
}

/** The records of a file. @throws as `readRecords`; the system's error where the file cannot be read */
export function readRecordFile(path: string, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  return readRecords(createReadStream(path), options);
}
