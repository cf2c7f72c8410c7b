/**
 * A TFRecord file is records one after the other, each the length of its data (uint64), that length's masked crc32c
 * (uint32), the data, and their masked crc32c (uint32); all numbers little-endian.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export const LENGTH = 8;
export const CHECKSUM = 4;
export const HEADER = LENGTH + CHECKSUM;
