import { access } from "node:fs/promises";
import { join } from "node:path";
import { ServingError } from "../../../core/index.js";
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

// Field numbers of tensorflow/core/protobuf/meta_graph.proto, saver.proto and framework/graph.proto.
const GRAPH_DEF = tagOf(2, Wire.bytes);
const SAVER_DEF = tagOf(3, Wire.bytes);
const RESTORE_OP_NAME = tagOf(3, Wire.bytes);
const NODE = tagOf(1, Wire.bytes);
const OP = tagOf(2, Wire.bytes);

const variableOps: ReadonlySet<string> = new Set(["VarHandleOp", "VariableV2", "Variable"]);

/** Whether `matches` holds for some field of the message; `matches` reads the field or says that it does not. */
function some(reader: Reader, matches: (tag: number) => boolean | undefined): boolean {
  for (let tag = readTag(reader); tag !== 0; tag = readTag(reader)) {
    const result = matches(tag);
    if (result) return true;
    if (result === undefined) skip(reader, tag);
  }
  return false;
}

const isVariable = (node: Reader) => some(node, (tag) => (tag === OP ? variableOps.has(readString(node)) : undefined));

const hasVariables = (graph: Reader) =>
  some(graph, (tag) => (tag === NODE ? isVariable(readMessage(graph)) : undefined));

const restores = (saver: Reader) =>
  some(saver, (tag) => (tag === RESTORE_OP_NAME ? readString(saver) !== "" : undefined));

/** Whether the graph holds variables that its exporter saved. */
export function needsCheckpoint(metaGraph: Uint8Array): boolean {
  const has = (field: number, test: (message: Reader) => boolean) => {
    const reader = createReader(metaGraph);
    return some(reader, (tag) => (tag === field ? test(readMessage(reader)) : undefined));
  };
  return has(SAVER_DEF, restores) && has(GRAPH_DEF, hasVariables);
}

/**
 * TensorFlow loads a model whose checkpoint is missing without a word, and then every run fails.
 * @throws NOT_FOUND when variables/variables.index is missing although the graph has variables
 */
export async function checkVariables(folder: string, metaGraph: Uint8Array): Promise<void> {
  const index = join("variables", "variables.index");
  const there = await access(join(folder, index)).then(
    () => true,
    () => false,
  );
  if (there || !needsCheckpoint(metaGraph)) return;
  throw new ServingError("NOT_FOUND", `the SavedModel has variables but ${index} is missing; copy the whole folder`);
}
