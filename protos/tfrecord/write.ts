import { maskedChecksum } from "./checksum.js";
import { CHECKSUM, HEADER, LENGTH } from "./framing.js";

/** `data` as a record; records one after the other are a TFRecord file. */
export function encodeRecord(data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEADER + data.byteLength + CHECKSUM);
  framed.writeBigUInt64LE(BigInt(data.byteLength));
  framed.writeUInt32LE(maskedChecksum(framed.subarray(0, LENGTH)), LENGTH);
  framed.set(data, HEADER);
  framed.writeUInt32LE(maskedChecksum(data), HEADER + data.byteLength);
  return framed;
}
