import { failedPrecondition, record, type Signature } from "../../../core/index.js";
import type { OpDef } from "../../../protos/gen/tensorflow/core/framework/op_def_pb.js";
import type { MetaGraphDef } from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { type Graph, openGraph } from "./graph/graph.js";
import { lowerSignature } from "./lowering/lower.js";
import type { Obstacle } from "./lowering/refusal.js";
import { encodeModel } from "./onnx/encode.js";
import { fingerprint } from "./onnx/graph.js";
import { type ParsePlan, withNames } from "./parsing/plan.js";
import { readMetaGraph } from "./reader/saved-model.js";
import { INIT_OP, signatureOf } from "./reader/signatures.js";
import { servedNodes } from "./session-nodes.js";
import { openVariables } from "./variables.js";

export type CompileRequest = {
  readonly dir: string;
  readonly tags: readonly string[];
  /** Only these signatures; all that the model has when absent. */
  readonly signatures?: readonly string[];
  /** Whether to lower them, or only to read what they are. */
  readonly lower: boolean;
};

/** One signature on one of the compiled models. */
export type CompiledSignature = {
  /** The model's place in the list. */
  readonly model: number;
  /** ONNX names of the signature's inputs and outputs; an input that only feeds a parse has none. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The ranks that inputs must have. */
  readonly ranks: Readonly<Record<string, number>>;
  /** The examples to parse before the model runs. */
  readonly parses: readonly ParsePlan[];
};

export type Compiled = {
  readonly signatures: Readonly<Record<string, Signature>>;
  /** ONNX models; signatures that compute the same share one. Empty when something stands in the way. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly lowered: Readonly<Record<string, CompiledSignature>>;
  /** Nodes of the graph that signatures need, for SessionRun; only where the graph is not lowered. */
  readonly nodes?: readonly string[];
  /** What stands in the way, by signature. */
  readonly obstacles: Readonly<Record<string, readonly Obstacle[]>>;
};

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
  new Map((meta.metaInfoDef?.strippedOpList?.op ?? []).map((op) => [op.name, op]));

/**
 * Reads a SavedModel and, when asked, lowers its signatures to ONNX. Blocks while it does: for worker threads.
 * @throws ServingError; messages name the file, and the node or variable
 */
export function compile({ dir, tags, signatures: wanted, lower }: CompileRequest): Compiled {
  const meta = readMetaGraph(dir, tags);
  const signatures = readSignatures(meta, wanted);
  if (!lower) {
    return { signatures, models: [], lowered: {}, obstacles: {}, nodes: servedNodes(meta.graphDef, signatures) };
  }

  const graphDef = meta.graphDef;
  if (!graphDef) throw failedPrecondition("saved_model.pb holds signatures but no graph");
  // Each signature opens the graph anew: what runs for it depends on the calls it enters.
  const open = (): Graph => openGraph(graphDef, operators(meta));
  const variables = openVariables(dir, meta, open);
  try {
    const models: Uint8Array<ArrayBuffer>[] = [];
    const byFingerprint = new Map<
      string,
      { readonly model: number; readonly inputs: string[]; readonly outputs: string[] }
    >();
    const lowered = record<CompiledSignature>();
    const obstacles = record<readonly Obstacle[]>();
    for (const [name, signature] of Object.entries(signatures)) {
      const result = lowerSignature(open(), signature, variables.valueOf);
      if ("obstacles" in result) {
        obstacles[name] = result.obstacles;
        continue;
      }
      if (Object.keys(obstacles).length > 0) continue;
      const { graph, ranks, inputs, parses } = result.lowered;
      const print = fingerprint(graph);
      const shared = byFingerprint.get(print) ?? {
        model: models.push(encodeModel(graph)) - 1,
        inputs: graph.inputs.map((value) => value.name),
        outputs: graph.outputs.map((value) => value.name),
      };
      byFingerprint.set(print, shared);
      // Signatures that share a model share the names of the one that came first.
      const renamed = new Map(graph.inputs.map(({ name }, i) => [name, shared.inputs[i]!] as const));
      lowered[name] = {
        model: shared.model,
        inputs: record(Object.entries(inputs).map(([key, name]) => [key, renamed.get(name)!] as const)),
        outputs: record(Object.keys(signature.outputs).map((key, i) => [key, shared.outputs[i]!] as const)),
        ranks,
        parses: parses.map((plan) => withNames(plan, (name) => renamed.get(name))),
      };
    }
    return { signatures, models: Object.keys(obstacles).length > 0 ? [] : models, lowered, obstacles };
  } finally {
    variables.close();
  }
}
