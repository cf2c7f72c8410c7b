import { record, type Signature } from "../../../../core/index.js";
import type { Obstacle } from "../lowering/refusal.js";
import { nestedGraphs, type OnnxGraph } from "../onnx/graph.js";
import { type ModelRequest, openModel } from "../open-model.js";
import type { CutGraph } from "../program/cut.js";
import { stepName } from "../program/step-name.js";
import { describeFiles, type FileFacts } from "./describe-files.js";

/** What a signature becomes. */
export type LoweredSize = {
  /** Nodes for ONNX Runtime, those inside loops and branches too. */
  readonly onnxNodes: number;
  /** Graphs that ONNX Runtime runs one after the other. */
  readonly onnxModels: number;
  /** Operators that run in steps of our own, and how many of each. */
  readonly hostSteps: Readonly<Record<string, number>>;
  /** What that means, in words; only where there are some. */
  readonly hostStepsAre?: string;
};

export type Survey = {
  readonly signatures: Readonly<Record<string, Signature>>;
  readonly files: FileFacts;
  readonly lowered: Readonly<Record<string, LoweredSize>>;
  /** What stands in the way, by signature. */
  readonly obstacles: Readonly<Record<string, readonly Obstacle[]>>;
};

const nodesIn = ({ nodes }: OnnxGraph): number =>
  nodes.reduce((sum, node) => sum + 1 + nestedGraphs(node).reduce((inner, graph) => inner + nodesIn(graph), 0), 0);

const MEANING =
  "operators that Salver itself runs between ONNX models, at every call; those of ONNX handle strings or stand between others";

function sizeOf({ steps }: CutGraph): LoweredSize {
  const hostSteps = record<number>();
  let [onnxNodes, onnxModels] = [0, 0];
  for (const step of steps) {
    if (step.kind === "piece") {
      onnxNodes += nodesIn(step.graph);
      onnxModels++;
    } else hostSteps[stepName(step)] = (hostSteps[stepName(step)] ?? 0) + 1;
  }
  const meaning = Object.keys(hostSteps).length > 0 ? { hostStepsAre: MEANING } : {};
  return { onnxNodes, onnxModels, hostSteps, ...meaning };
}

/**
 * Reads a SavedModel to say what is in it, and tries how each signature lowers. Blocks: for worker threads.
 * @throws ServingError for broken files; messages name the file, and the node or variable
 */
export function survey(request: ModelRequest): Survey {
  const model = openModel(request);
  const { meta, signatures } = model;
  const lowered = record<LoweredSize>();
  const obstacles = record<readonly Obstacle[]>();
  try {
    for (const [name, signature] of Object.entries(signatures)) {
      const result = model.lower(signature);
      if ("obstacles" in result) obstacles[name] = result.obstacles;
      else lowered[name] = sizeOf(result.lowered);
    }
    return { signatures, files: describeFiles(request.dir, meta), lowered, obstacles };
  } finally {
    model.close();
  }
}
