import { createReader, readBytes, readTag, skip, tagOf, Wire } from "../wire/reader.js";
import { merge } from "./merge.js";

/** The fields of PredictionLog's oneof `log_type`. */
export const LogType = {
  classify: 2,
  regress: 3,
  multiInference: 4,
  sessionRun: 5,
  predict: 6,
  predictStreamed: 7,
} as const;

const REQUEST = tagOf(1, Wire.bytes);

function readRequest(log: Uint8Array): Uint8Array {
  const reader = createReader(log);
  let request: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === REQUEST) request = merge(request, readBytes(reader));
    else skip(reader, tag);
  }
  return request ?? new Uint8Array();
}

/**
 * Which kind of log a PredictionLog is, one of `LogType` or 0 where it is none, and its serialized request.
 * @throws ServingError INVALID_ARGUMENT where the bytes are no PredictionLog
 */
export function readPredictionLog(bytes: Uint8Array): { readonly type: number; readonly request: Uint8Array } {
  const reader = createReader(bytes);
  const types: readonly number[] = Object.values(LogType);
  let type = 0;
  let log: Uint8Array | undefined;
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    const field = tag >>> 3;
    if ((tag & 7) !== Wire.bytes || !types.includes(field)) {
      skip(reader, tag);
      continue;
    }
    // A oneof: the kind that comes last counts, in pieces if it came just before too.
    log = field === type ? merge(log, readBytes(reader)) : readBytes(reader);
    type = field;
  }
  return { type, request: log ? readRequest(log) : new Uint8Array() };
}
