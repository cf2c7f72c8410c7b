import { invalidArgument } from "../../core/index.js";
import { type Reader, readBool, readMessage, readSafeInt64, readTag, skip, tagOf, Wire } from "../wire/reader.js";
import { type Field, message, varint } from "../wire/writer.js";

const DIM = tagOf(2, Wire.bytes);
const UNKNOWN_RANK = tagOf(3, Wire.varint);
const SIZE = tagOf(1, Wire.varint);

/** TensorFlow's own limit. */
const MAX_RANK = 254;

function readDim(reader: Reader): number {
  let size = 0;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === SIZE) size = readSafeInt64(reader);
    else skip(reader, tag);
  }
  return size;
}

/**
 * Appends the sizes in a TensorShapeProto to `shape`, as repeated fields do when a message comes in pieces.
 * @throws INVALID_ARGUMENT where the rank or a size is not known: a value has to have them
 */
export function readShape(reader: Reader, shape: number[]): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === DIM) {
      const size = readDim(readMessage(reader));
      if (!(size >= 0)) throw invalidArgument(`dimension ${shape.length} of its shape is negative or too large`);
      if (shape.length === MAX_RANK) throw invalidArgument(`its shape has more than ${MAX_RANK} dimensions`);
      shape.push(size);
    } else if (tag === UNKNOWN_RANK) {
      if (readBool(reader)) throw invalidArgument("its shape has unknown_rank set; a value has a shape");
    } else skip(reader, tag);
  }
}

/** A TensorShapeProto with these sizes, as field number `field`. */
export function shapeField(field: number, shape: readonly number[]): Field {
  return message(
    field,
    shape.map((size) => message(2, size === 0 ? [] : [varint(1, size)])),
  );
}
