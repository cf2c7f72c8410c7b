import { crc32c } from "@node-rs/crc32";

/**
 * LevelDB's masking of a crc32c, so that a checksum over bytes that hold a checksum stays strong; TFRecord has it too:
 * https://github.com/google/leveldb/blob/main/util/crc32c.h
 */
export const maskChecksum = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

export const maskedChecksum = (bytes: Uint8Array): number => maskChecksum(crc32c(bytes));
