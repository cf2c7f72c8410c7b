import { fromBinary } from "@bufbuild/protobuf";
import { dataLoss, elementCount, failedPrecondition } from "../../core/index.js";
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
} from "../../protos/gen/tensorflow/core/protobuf/tensor_bundle_pb.js";

export function parseEntry(bytes: Uint8Array, key: string, file: string): BundleEntryProto {
  try {
    return fromBinary(BundleEntryProtoSchema, bytes);
  } catch (error) {
    throw dataLoss(`${file} is damaged: the entry of ${JSON.stringify(key)} cannot be read`, error);
  }
}

/** How many shards the header announces. */
export function parseHeader(bytes: Uint8Array | undefined, file: string): number {
  if (!bytes) throw dataLoss(`${file} is damaged: it has no header`);
  try {
    const header = fromBinary(BundleHeaderProtoSchema, bytes);
    if (header.endianness !== BundleHeaderProto_Endianness.LITTLE) {
      throw failedPrecondition(`${file} was written on a big-endian machine; export the model on a little-endian one`);
    }
    return header.numShards;
  } catch (error) {
    if (error instanceof RangeError) throw dataLoss(`${file} is damaged: its header cannot be read`, error);
    throw error;
  }
}

/** The shape an entry declares, checked to be one that memory could hold. */
export function shapeOf(entry: BundleEntryProto, what: string): number[] {
  const shape = (entry.shape?.dim ?? []).map(({ size }) => Number(size));
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(elementCount(shape))) {
    throw dataLoss(`${what} is damaged: it declares the shape [${shape}]`);
  }
  return shape;
}
