import { fromBinary } from "@bufbuild/protobuf";
import { type ModelSpec, ModelSpecSchema } from "../gen/tensorflow_serving/apis/model_pb.js";
import {
  createReader,
  type Reader,
  readBytes,
  readMessage,
  readString,
  readTag,
  skip,
  tagOf,
  Wire,
} from "../wire/reader.js";
import { merge } from "./merge.js";

/** A PredictRequest taken apart: its tensors are still serialized, views of the message. */
export type PredictRequest = {
  readonly spec: ModelSpec | undefined;
  /** Each a TensorProto. */
  readonly inputs: ReadonlyMap<string, Uint8Array>;
  readonly outputs: readonly string[];
};

const MODEL_SPEC = tagOf(1, Wire.bytes);
const INPUTS = tagOf(2, Wire.bytes);
const OUTPUT_FILTER = tagOf(3, Wire.bytes);
const KEY = tagOf(1, Wire.bytes);
const VALUE = tagOf(2, Wire.bytes);

const none = new Uint8Array();

function readEntry(reader: Reader): readonly [string, Uint8Array] {
  let name = "";
  let value: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === KEY) name = readString(reader);
    else if (tag === VALUE) value = merge(value, readBytes(reader));
    else skip(reader, tag);
  }
  return [name, value ?? none];
}

/** @throws INVALID_ARGUMENT where the bytes are no PredictRequest */
export function readPredictRequest(bytes: Uint8Array): PredictRequest {
  const reader = createReader(bytes);
  const inputs = new Map<string, Uint8Array>();
  const outputs: string[] = [];
  let spec: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === MODEL_SPEC) spec = merge(spec, readBytes(reader));
    else if (tag === INPUTS) {
      const [name, value] = readEntry(readMessage(reader));
      inputs.set(name, value);
    } else if (tag === OUTPUT_FILTER) outputs.push(readString(reader));
    else skip(reader, tag);
  }
  return { spec: spec && fromBinary(ModelSpecSchema, spec), inputs, outputs };
}
