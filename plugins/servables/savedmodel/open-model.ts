import { failedPrecondition, record, type Signature } from "../../../core/index.js";
import type { OpDef } from "../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import type { MetaGraphDef } from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { condContexts } from "./graph/cond-contexts.js";
import { withContexts } from "./graph/contexts.js";
import { type Graph, openGraph } from "./graph/graph.js";
import { standardOps } from "./graph/op-defs/op-defs.js";
import { whileContexts } from "./graph/while-contexts.js";
import { type Lowering, lowerSignature } from "./lowering/lower.js";
import type { CutOptions } from "./program/cut.js";
import { readMetaGraph } from "./reader/saved-model.js";
import { INIT_OP, signatureOf } from "./reader/signatures.js";
import { openTables } from "./tables.js";
import { openVariables } from "./variables.js";

/** Which graph of which files, and which of its signatures: all that the model has when absent. */
export type ModelRequest = {
  readonly dir: string;
  readonly tags: readonly string[];
  readonly signatures?: readonly string[];
};

/** A SavedModel's graph and what it takes to lower it. */
export interface OpenModel {
  readonly meta: MetaGraphDef;
  readonly signatures: Readonly<Record<string, Signature>>;
  /** @throws ServingError for broken files; messages name the file, and the node or variable */
  lower(signature: Signature, options?: CutOptions): Lowering;
  close(): void;
}

function readSignatures(meta: MetaGraphDef, wanted: readonly string[] | undefined): Record<string, Signature> {
  const names = Object.keys(meta.signatureDef).filter((name) => name !== INIT_OP);
  if (names.length === 0) throw failedPrecondition("the model has no signature; export it with one");
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw failedPrecondition(
      `the model has no signature "${missing}"; it has ${names.map((n) => `"${n}"`).join(", ")}`,
    );
  }
  return record((wanted ?? names).map((name) => [name, signatureOf(name, meta.signatureDef[name]!)] as const));
}

const operators = (meta: MetaGraphDef): ReadonlyMap<string, OpDef> =>
  new Map([...standardOps(), ...(meta.metaInfoDef?.strippedOpList?.op ?? []).map((op) => [op.name, op] as const)]);

/** Reads `saved_model.pb`; variables and tables are read when lowering asks for them. @throws ServingError */
export function openModel({ dir, tags, signatures: wanted }: ModelRequest): OpenModel {
  const meta = readMetaGraph(dir, tags);
  const signatures = readSignatures(meta, wanted);
  // Each signature opens the graph anew: what runs for it depends on the calls it enters.
  const open = (): Graph => {
    if (!meta.graphDef) throw failedPrecondition("saved_model.pb holds signatures but no graph");
    return withContexts(openGraph(meta.graphDef, operators(meta)), [whileContexts, condContexts]);
  };
  const variables = openVariables(dir, meta, open);
  const state = { variable: variables.valueOf, table: openTables(dir, meta, open, variables) };
  return {
    meta,
    signatures,
    lower: (signature, options) => lowerSignature(open(), signature, state, options),
    close: () => variables.close(),
  };
}
