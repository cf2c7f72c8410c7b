import { readFile, stat } from "node:fs/promises";
import {
  createReader,
  type Reader,
  readMessage,
  readString,
  readTag,
  skip,
  tagOf,
  Wire,
} from "../../../protos/wire/reader.js";
import type { OrtModel } from "./session.js";

/** Which operators a model is made of. */
export type Census = {
  /** Their types, those in graphs inside the graph and in functions included. */
  readonly ops: ReadonlySet<string>;
  /** Whether one has a graph of its own: a loop, a branch. */
  readonly nested: boolean;
  /** Whether one is of a domain other than ONNX's own, or a function of the model's. */
  readonly foreign: boolean;
};

type Counting = { readonly ops: Set<string>; nested: boolean; foreign: boolean };

// Field numbers of onnx.proto.
const MODEL = { graph: tagOf(7, Wire.bytes), functions: tagOf(25, Wire.bytes) };
const GRAPH = { node: tagOf(1, Wire.bytes) };
const FUNCTION = { node: tagOf(7, Wire.bytes) };
const NODE = { opType: tagOf(4, Wire.bytes), attribute: tagOf(5, Wire.bytes), domain: tagOf(7, Wire.bytes) };
const ATTRIBUTE = { graph: tagOf(6, Wire.bytes), graphs: tagOf(11, Wire.bytes) };

const domains: ReadonlySet<string> = new Set(["", "ai.onnx", "ai.onnx.ml"]);

/** undefined for a model that is larger than `most` bytes, or cannot be read. */
export async function censusOf(model: OrtModel, most: number): Promise<Census | undefined> {
  try {
    if ("bytes" in model) return model.bytes.byteLength <= most ? census(model.bytes) : undefined;
    return (await stat(model.path)).size <= most ? census(await readFile(model.path)) : undefined;
  } catch {
    return undefined;
  }
}

function census(bytes: Uint8Array): Census {
  const counting: Counting = { ops: new Set(), nested: false, foreign: false };
  each(createReader(bytes), (tag, reader) => {
    if (tag === MODEL.graph) return nodes(readMessage(reader), GRAPH.node, counting);
    if (tag !== MODEL.functions) return skip(reader, tag);
    counting.foreign = true;
    return nodes(readMessage(reader), FUNCTION.node, counting);
  });
  return counting;
}

function each(reader: Reader, field: (tag: number, reader: Reader) => void): void {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) field(tag, reader);
}

function nodes(within: Reader, nodeTag: number, counting: Counting): void {
  each(within, (tag, reader) => (tag === nodeTag ? node(readMessage(reader), counting) : skip(reader, tag)));
}

function node(fields: Reader, counting: Counting): void {
  each(fields, (tag, reader) => {
    if (tag === NODE.opType) counting.ops.add(readString(reader));
    else if (tag === NODE.domain) counting.foreign ||= !domains.has(readString(reader));
    else if (tag === NODE.attribute) attribute(readMessage(reader), counting);
    else skip(reader, tag);
  });
}

function attribute(fields: Reader, counting: Counting): void {
  each(fields, (tag, reader) => {
    if (tag !== ATTRIBUTE.graph && tag !== ATTRIBUTE.graphs) return skip(reader, tag);
    counting.nested = true;
    return nodes(readMessage(reader), GRAPH.node, counting);
  });
}
