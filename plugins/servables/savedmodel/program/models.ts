import { record } from "../../../../core/index.js";
import { encodeModel } from "../onnx/encode.js";
import { fingerprint, type OnnxGraph } from "../onnx/graph.js";
import type { ModelStep } from "./program.js";

/** The ONNX models of all programs; graphs that compute the same become one. */
export interface Models {
  readonly all: readonly Uint8Array<ArrayBuffer>[];
  /** The step that runs the graph, whose values keep their names. @throws FAILED_PRECONDITION when it is too large */
  add(graph: OnnxGraph): ModelStep;
}

export function createModels(): Models {
  const all: Uint8Array<ArrayBuffer>[] = [];
  const byFingerprint = new Map<string, { readonly model: number; readonly graph: OnnxGraph }>();
  return {
    all,
    add: (graph) => {
      const print = fingerprint(graph);
      const shared = byFingerprint.get(print) ?? { model: all.push(encodeModel(graph)) - 1, graph };
      byFingerprint.set(print, shared);
      // Those that share a model use the names of the one that came first.
      const names = (side: "inputs" | "outputs") =>
        record(graph[side].map(({ name }, i) => [shared.graph[side][i]!.name, name] as const));
      return { kind: "model", model: shared.model, inputs: names("inputs"), outputs: names("outputs") };
    },
  };
}
