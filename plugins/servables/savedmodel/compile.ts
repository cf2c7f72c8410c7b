import { failedPrecondition, record, type Signature } from "../../../core/index.js";
import type { OpDef } from "../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import type { MetaGraphDef } from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { condContexts } from "./graph/cond-contexts.js";
import { withContexts } from "./graph/contexts.js";
import { type Graph, openGraph } from "./graph/graph.js";
import { standardOps } from "./graph/op-defs/op-defs.js";
import { whileContexts } from "./graph/while-contexts.js";
import { lowerSignature } from "./lowering/lower.js";
import type { Obstacle } from "./lowering/refusal.js";
import { type CompiledModels, createModels } from "./program/models.js";
import type { Program } from "./program/program.js";
import { readMetaGraph } from "./reader/saved-model.js";
import { INIT_OP, signatureOf } from "./reader/signatures.js";
import { servedNodes } from "./session-nodes.js";
import { openTables } from "./tables.js";
import { openVariables } from "./variables.js";

export type CompileRequest = {
  readonly dir: string;
  readonly tags: readonly string[];
  /** Only these signatures; all that the model has when absent. */
  readonly signatures?: readonly string[];
  /** Whether to lower them, or only to read what they are. */
  readonly lower: boolean;
};

/** Without models when something stands in the way. */
export type Compiled = CompiledModels & {
  readonly signatures: Readonly<Record<string, Signature>>;
  readonly lowered: Readonly<Record<string, Program>>;
  /** Nodes of the graph that signatures need, for SessionRun; only where the graph is not lowered. */
  readonly nodes?: readonly string[];
  /** What stands in the way, by signature. */
  readonly obstacles: Readonly<Record<string, readonly Obstacle[]>>;
};

const NOTHING: CompiledModels = { models: [], weights: [] };

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

/**
 * Reads a SavedModel and, when asked, lowers its signatures to ONNX. Blocks while it does: for worker threads.
 * @throws ServingError; messages name the file, and the node or variable
 */
export function compile({ dir, tags, signatures: wanted, lower }: CompileRequest): Compiled {
  const meta = readMetaGraph(dir, tags);
  const signatures = readSignatures(meta, wanted);
  if (!lower) {
    return { signatures, ...NOTHING, lowered: {}, obstacles: {}, nodes: servedNodes(meta.graphDef, signatures) };
  }

  const graphDef = meta.graphDef;
  if (!graphDef) throw failedPrecondition("saved_model.pb holds signatures but no graph");
  // Each signature opens the graph anew: what runs for it depends on the calls it enters.
  const open = (): Graph => withContexts(openGraph(graphDef, operators(meta)), [whileContexts, condContexts]);
  const variables = openVariables(dir, meta, open);
  const state = { variable: variables.valueOf, table: openTables(dir, meta, open, variables) };
  try {
    const models = createModels();
    const lowered = record<Program>();
    const obstacles = record<readonly Obstacle[]>();
    for (const [name, signature] of Object.entries(signatures)) {
      const result = lowerSignature(open(), signature, state);
      if ("obstacles" in result) {
        obstacles[name] = result.obstacles;
        continue;
      }
      if (Object.keys(obstacles).length > 0) continue;
      const { steps, ...program } = result.lowered;
      const linked = steps.map((step) => (step.kind === "host" ? step : models.add(step.graph)));
      lowered[name] = { ...program, steps: linked };
    }
    const written = Object.keys(obstacles).length > 0 ? NOTHING : models.write();
    return { signatures, ...written, lowered, obstacles };
  } finally {
    variables.close();
  }
}
