import { fromBinary } from "@bufbuild/protobuf";
import { invalidArgument } from "../../../core/index.js";
import { type ModelSpec, ModelSpecSchema } from "../../../protos/gen/tensorflow_serving/apis/model_pb.js";
import { merge } from "../../../protos/serving/merge.js";
import {
  createReader,
  type Reader,
  readBool,
  readBytes,
  readMessage,
  readString,
  readTag,
  skip,
  tagOf,
  Wire,
} from "../../../protos/wire/reader.js";

/** A SessionRunRequest taken apart: its tensors are still serialized, views of the message. Its options are left aside. */
export type SessionRunRequest = {
  readonly spec: ModelSpec | undefined;
  readonly feeds: ReadonlyMap<string, Uint8Array>;
  readonly fetches: readonly string[];
  readonly targets: readonly string[];
  /** Whether feeds and fetches are names of the signature's inputs and outputs. */
  readonly aliases: boolean;
};

const MODEL_SPEC = tagOf(1, Wire.bytes);
const FEED = tagOf(2, Wire.bytes);
const FETCH = tagOf(3, Wire.bytes);
const TARGET = tagOf(4, Wire.bytes);
const ALIASES = tagOf(6, Wire.varint);
const NAME = tagOf(1, Wire.bytes);
const TENSOR = tagOf(2, Wire.bytes);

function readNamedTensor(reader: Reader): readonly [string, Uint8Array] {
  let name = "";
  let tensor: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === NAME) name = readString(reader);
    else if (tag === TENSOR) tensor = merge(tensor, readBytes(reader));
    else skip(reader, tag);
  }
  return [name, tensor ?? new Uint8Array()];
}

/** @throws INVALID_ARGUMENT where the bytes are no SessionRunRequest, or feed a tensor twice */
export function readSessionRunRequest(bytes: Uint8Array): SessionRunRequest {
  const reader = createReader(bytes);
  const feeds = new Map<string, Uint8Array>();
  const fetches: string[] = [];
  const targets: string[] = [];
  let spec: Uint8Array | undefined;
  let aliases = false;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === MODEL_SPEC) spec = merge(spec, readBytes(reader));
    else if (tag === FEED) {
      const [name, tensor] = readNamedTensor(readMessage(reader));
      if (feeds.has(name)) throw invalidArgument(`the tensor "${name}" is fed more than once`);
      feeds.set(name, tensor);
    } else if (tag === FETCH) fetches.push(readString(reader));
    else if (tag === TARGET) targets.push(readString(reader));
    else if (tag === ALIASES) aliases = readBool(reader);
    else skip(reader, tag);
  }
  return { spec: spec && fromBinary(ModelSpecSchema, spec), feeds, fetches, targets, aliases };
}
