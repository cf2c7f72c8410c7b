import {
  elementCount,
  formatShape,
  invalidArgument,
  layouts,
  type NumericDType,
  RequestMemory,
  type Tensor,
} from "../../core/index.js";
import type { DataType } from "../gen/tensorflow/core/framework/types_pb.js";
import { createReader, readBytes, readInt32, readMessage, readTag, skip, tagOf, Wire } from "../wire/reader.js";
import { dataTypeName, dtypeOf } from "./dtype.js";
import { CONTENT, DTYPE, SHAPE, valueFields } from "./fields.js";
import { findRuns } from "./runs.js";
import { readShape } from "./shape.js";
import { placed, readStrings, readValues } from "./values.js";

/**
 * Bytes that may still be made up by repeating values. A message of a few bytes can declare any shape and leave its
 * values to repetition; tensors of one request share one budget, so that this cannot take the server's memory.
 */
export type Budget = { bytes: number };

const REPETITION = 256 * 2 ** 20;

/** What one request may have filled in by repetition: 256 MiB. */
export const createBudget = (bytes = REPETITION): Budget => ({ bytes });

type Header = {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly content: Uint8Array | undefined;
};

const TAGS = { dtype: tagOf(DTYPE, Wire.varint), shape: tagOf(SHAPE, Wire.bytes), content: tagOf(CONTENT, Wire.bytes) };

function readHeader(bytes: Uint8Array): Header {
  const reader = createReader(bytes);
  const shape: number[] = [];
  let dataType = 0;
  let content: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === TAGS.dtype) dataType = readInt32(reader);
    else if (tag === TAGS.shape) readShape(readMessage(reader), shape);
    else if (tag === TAGS.content) content = readBytes(reader);
    else skip(reader, tag);
  }
  return { dataType, shape, content };
}

function fromContent(
  dtype: NumericDType,
  shape: readonly number[],
  count: number,
  content: Uint8Array,
  memory: RequestMemory,
): Tensor {
  const wanted = count * layouts[dtype].bytes;
  if (content.byteLength !== wanted) {
    throw invalidArgument(
      `a ${dtype} tensor of shape ${formatShape(shape)} takes ${wanted} bytes of tensor_content, got ${content.byteLength}`,
    );
  }
  const data = placed(dtype, content, memory);
  if (dtype === "bool" && (data as Uint8Array).some((value) => value > 1)) {
    throw invalidArgument("its tensor_content holds bools that are neither 0 nor 1");
  }
  return { dtype, shape, data } as Tensor;
}

/**
 * The tensor in a serialized TensorProto, by TensorFlow's rules: `tensor_content` wins over the typed field of the
 * dtype; a typed field with too few values repeats its last one, an empty one means zeros (or empty strings), and
 * values beyond the shape are left out. Data are views of `bytes` where they are aligned, so `bytes` must not change; else
 * they lie in `memory`.
 *
 * @throws INVALID_ARGUMENT for what is no TensorProto or holds no tensor; the message does not name the tensor
 */
export function decodeTensorProto(
  bytes: Uint8Array,
  memory = new RequestMemory(),
  budget: Budget = createBudget(),
): Tensor {
  const { dataType, shape, content } = readHeader(bytes);
  const dtype = dtypeOf(dataType);
  if (dtype === undefined) {
    throw invalidArgument(`its dtype is ${dataTypeName(dataType)}, which no tensor here can have`);
  }
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count)) throw invalidArgument(`its shape ${formatShape(shape)} has too many elements`);
  if (content !== undefined && content.byteLength > 0 && count > 0) {
    if (dtype === "string") throw invalidArgument("its strings are in tensor_content; they belong in string_val");
    return fromContent(dtype, shape, count, content, memory);
  }
  const { field, encoding } = valueFields[dtype];
  const { items, bytes: size } = dtype === "string" ? { items: 1, bytes: 8 } : layouts[dtype];
  const runs = findRuns(bytes, field, encoding, size / items);
  if (runs.items < count * items) {
    budget.bytes -= count * size;
    if (budget.bytes < 0) {
      throw invalidArgument(
        `its shape ${formatShape(shape)} takes ${count} elements and the message holds ${Math.floor(runs.items / items)}: too many to fill in`,
      );
    }
  }
  const data =
    dtype === "string" ? readStrings(bytes, runs, count) : readValues(bytes, dtype, encoding, runs, count, memory);
  return { dtype, shape, data } as Tensor;
}
