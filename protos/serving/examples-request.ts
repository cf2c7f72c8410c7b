import { fromBinary } from "@bufbuild/protobuf";
import { type Example, invalidArgument, MOST_EXAMPLES } from "../../core/index.js";
import { withContext } from "../example/context.js";
import { decodeExample } from "../example/decode.js";
import { type InferenceTask, InferenceTaskSchema } from "../gen/tensorflow_serving/apis/inference_pb.js";
import { type ModelSpec, ModelSpecSchema } from "../gen/tensorflow_serving/apis/model_pb.js";
import { createReader, readBytes, readTag, skip, tagOf, Wire } from "../wire/reader.js";
import { merge } from "./merge.js";

/** A ClassificationRequest or RegressionRequest taken apart: its examples are views of the message. */
export type ExamplesRequest = {
  readonly spec: ModelSpec | undefined;
  readonly examples: readonly Example[];
};

export type TasksRequest = {
  readonly tasks: readonly InferenceTask[];
  readonly examples: readonly Example[];
};

/** The first two fields of the requests, of Input and of its lists. */
const FIRST = tagOf(1, Wire.bytes);
const SECOND = tagOf(2, Wire.bytes);

/** The values of fields 1 and 2, which all these messages are made of; a nested message in pieces stays in pieces. */
function readPair(bytes: Uint8Array, on: (field: 1 | 2, value: Uint8Array) => void): void {
  const reader = createReader(bytes);
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === FIRST || tag === SECOND) on(tag === FIRST ? 1 : 2, readBytes(reader));
    else skip(reader, tag);
  }
}

/** The examples of an Input. The bytes of each stay as they came, because the graph may parse them itself. */
function readInput(bytes: Uint8Array): readonly Example[] {
  let kind = 1 as 1 | 2;
  let list: Uint8Array | undefined;
  readPair(bytes, (field, value) => {
    // A oneof: the kind that comes last counts, in pieces if it came before too.
    list = field === kind ? merge(list, value) : value;
    kind = field;
  });
  const examples: Example[] = [];
  let context: Uint8Array | undefined;
  if (list !== undefined) {
    readPair(list, (field, value) => {
      if (field === 2) context = merge(context, value);
      else if (examples.push(decodeExample(value)) > MOST_EXAMPLES) {
        throw invalidArgument(`more than ${MOST_EXAMPLES} examples in a request`);
      }
    });
  }
  return kind === 2 && context !== undefined ? withContext(decodeExample(context), examples) : examples;
}

/** @throws ServingError INVALID_ARGUMENT where the bytes are no such request */
export function readExamplesRequest(bytes: Uint8Array): ExamplesRequest {
  let spec: Uint8Array | undefined;
  let input: Uint8Array | undefined;
  readPair(bytes, (field, value) => {
    if (field === 1) spec = merge(spec, value);
    else input = merge(input, value);
  });
  return { spec: spec && fromBinary(ModelSpecSchema, spec), examples: input ? readInput(input) : [] };
}

/** A MultiInferenceRequest. @throws ServingError INVALID_ARGUMENT where the bytes are none */
export function readTasksRequest(bytes: Uint8Array): TasksRequest {
  const tasks: InferenceTask[] = [];
  let input: Uint8Array | undefined;
  readPair(bytes, (field, value) => {
    if (field === 1) tasks.push(fromBinary(InferenceTaskSchema, value));
    else input = merge(input, value);
  });
  return { tasks, examples: input ? readInput(input) : [] };
}
