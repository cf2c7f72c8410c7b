import {
  createReader,
  malformed,
  type Reader,
  readLength,
  readTag,
  readVarint,
  skip,
  tagOf,
  take,
  Wire,
} from "../wire/reader.js";
import type { Encoding } from "./fields.js";

/** Where the values of one field lie: pairs of start and end. A packed list is one run, a single value another. */
export type Runs = {
  readonly places: readonly number[];
  /** Values in them all. */
  readonly items: number;
};

function countVarints(reader: Reader, start: number, end: number): number {
  const { bytes } = reader;
  let count = 0;
  for (let i = start; i < end; i++) if (bytes[i]! < 0x80) count++;
  if (end > start && bytes[end - 1]! >= 0x80) throw malformed(reader, "a packed list ends inside a number");
  return count;
}

function countFixed(reader: Reader, start: number, end: number, width: number): number {
  if ((end - start) % width !== 0) {
    throw malformed(reader, `a packed list of ${end - start} bytes does not hold whole values of ${width}`);
  }
  return (end - start) / width;
}

/**
 * Finds the values of `field` in a TensorProto, packed or not, in one piece or in several.
 *
 * @param width bytes of one value where the encoding is `fixed`: 4 or 8
 */
export function findRuns(message: Uint8Array, field: number, encoding: Encoding, width: number): Runs {
  const reader = createReader(message);
  const lone = encoding === "fixed" ? (width === 4 ? Wire.fixed32 : Wire.fixed64) : Wire.varint;
  const packedTag = tagOf(field, Wire.bytes);
  const loneTag = tagOf(field, lone);
  let places: number[] = [];
  let items = 0;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === packedTag) {
      const start = take(reader, readLength(reader));
      const end = reader.pos;
      if (encoding === "bytes") {
        // A singular field: the last one counts.
        places = [];
        items = end - start;
      } else if (encoding === "string") items++;
      else if (encoding === "fixed") items += countFixed(reader, start, end, width);
      else items += countVarints(reader, start, end);
      places.push(start, end);
    } else if (tag === loneTag && encoding !== "string" && encoding !== "bytes") {
      const start = reader.pos;
      if (encoding === "fixed") take(reader, width);
      else readVarint(reader);
      places.push(start, reader.pos);
      items++;
    } else skip(reader, tag);
  }
  return { places, items };
}
