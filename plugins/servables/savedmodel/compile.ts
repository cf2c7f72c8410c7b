import { failedPrecondition, record, type Signature } from "../../../core/index.js";
import type { GraphDef } from "../../../protos/gen/tensorflow/core/framework/graph_pb.js";
import { pythonOp } from "./graph/python-ops.js";
import type { Obstacle } from "./lowering/refusal.js";
import { type ModelRequest, openModel } from "./open-model.js";
import { type CompiledModels, createModels } from "./program/models.js";
import type { Program } from "./program/program.js";
import { servedNodes } from "./session-nodes.js";

export type CompileRequest = ModelRequest & {
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

/** @throws FAILED_PRECONDITION for what no engine outside of Python runs, although TensorFlow loads it */
function refusePython(graph: GraphDef | undefined, signatures: Readonly<Record<string, Signature>>): void {
  for (const [name, signature] of Object.entries(signatures)) {
    const found = pythonOp(graph, servedNodes(graph, { [name]: signature }));
    if (found === undefined) continue;
    throw failedPrecondition(
      `the signature "${name}" needs Python: ${found} calls a function of the program that made the model, which is not ` +
        "saved with it; write it with TensorFlow's own operators, or serve other signatures by the option `signatures`",
    );
  }
}

/**
 * Reads a SavedModel and, when asked, lowers its signatures to ONNX. Blocks while it does: for worker threads.
 * @throws ServingError; messages name the file, and the node or variable
 */
export function compile({ lower, ...request }: CompileRequest): Compiled {
  const model = openModel(request);
  const { meta, signatures } = model;
  if (!lower) {
    refusePython(meta.graphDef, signatures);
    return { signatures, ...NOTHING, lowered: {}, obstacles: {}, nodes: servedNodes(meta.graphDef, signatures) };
  }
  try {
    const models = createModels();
    const lowered = record<Program>();
    const obstacles = record<readonly Obstacle[]>();
    for (const [name, signature] of Object.entries(signatures)) {
      const result = model.lower(signature);
      if ("obstacles" in result) {
        obstacles[name] = result.obstacles;
        continue;
      }
      if (Object.keys(obstacles).length > 0) continue;
      const { steps, ...program } = result.lowered;
      const linked = steps.map((step) => (step.kind === "host" ? step : models.add(step.graph)));
      lowered[name] = { ...program, steps: linked };
    }
    if (Object.keys(obstacles).length > 0) refusePython(meta.graphDef, signatures);
    const written = Object.keys(obstacles).length > 0 ? NOTHING : models.write();
    return { signatures, ...written, lowered, obstacles };
  } finally {
    model.close();
  }
}
