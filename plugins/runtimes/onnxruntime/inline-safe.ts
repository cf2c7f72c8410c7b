import { readFile, stat } from "node:fs/promises";
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
} from "../../../protos/wire/reader.js";
import type { OrtModel } from "./session.js";

/** Operators whose work is set by the values of their inputs: a caller could make one run take seconds. */
const valueDependent: ReadonlySet<string> = new Set([
  "AffineGrid",
  "BlackmanWindow",
  "CenterCropPad",
  "Col2Im",
  "ConstantOfShape",
  "DFT",
  "Expand",
  "HammingWindow",
  "HannWindow",
  "Loop",
  "MaxUnpool",
  "MelWeightMatrix",
  "OneHot",
  "Pad",
  "Range",
  "Resize",
  "STFT",
  "Tile",
  "Upsample",
]);

/** Domains whose operators the list above knows. */
const knownDomains: ReadonlySet<string> = new Set(["", "ai.onnx", "ai.onnx.ml"]);

/** Larger models are not tiny, and not worth reading twice. */
const MAX_BYTES = 2 ** 20;

/**
 * Whether a model's run time depends on the sizes of its inputs alone, so that a run measured as short will be short
 * again. False where in doubt: subgraphs, functions, other domains, large or unreadable files.
 */
export async function isInlineSafe(model: OrtModel): Promise<boolean> {
  try {
    if ("bytes" in model) return model.bytes.byteLength <= MAX_BYTES && modelIsSafe(model.bytes);
    if ((await stat(model.path)).size > MAX_BYTES) return false;
    return modelIsSafe(await readFile(model.path));
  } catch {
    return false;
  }
}

// Field numbers of onnx.proto.
const GRAPH = tagOf(7, Wire.bytes);
const FUNCTIONS = tagOf(25, Wire.bytes);
const NODE = tagOf(1, Wire.bytes);
const OP_TYPE = tagOf(4, Wire.bytes);
const ATTRIBUTE = tagOf(5, Wire.bytes);
const DOMAIN = tagOf(7, Wire.bytes);
const ATTRIBUTE_GRAPH = tagOf(6, Wire.bytes);
const ATTRIBUTE_GRAPHS = tagOf(11, Wire.bytes);

function modelIsSafe(bytes: Uint8Array): boolean {
  const reader = createReader(bytes);
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === FUNCTIONS) return false;
    if (tag !== GRAPH) skip(reader, tag);
    else if (!graphIsSafe(readMessage(reader))) return false;
  }
  return true;
}

function graphIsSafe(reader: Reader): boolean {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag !== NODE) skip(reader, tag);
    else if (!nodeIsSafe(readMessage(reader))) return false;
  }
  return true;
}

function nodeIsSafe(reader: Reader): boolean {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === OP_TYPE) {
      if (valueDependent.has(readString(reader))) return false;
    } else if (tag === DOMAIN) {
      if (!knownDomains.has(readString(reader))) return false;
    } else if (tag === ATTRIBUTE) {
      if (hasGraph(createReader(readBytes(reader)))) return false;
    } else skip(reader, tag);
  }
  return true;
}

function hasGraph(reader: Reader): boolean {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    if (tag === ATTRIBUTE_GRAPH || tag === ATTRIBUTE_GRAPHS) return true;
    skip(reader, tag);
  }
  return false;
}
