import { crc32c } from "@node-rs/crc32";

/** A checksum over bytes that hold checksums is weak; this one of LevelDB's, which TFRecord has too, is not. */
export const maskedChecksum = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};
