import { record } from "../../../../core/index.js";
import { encodeModel } from "../onnx/encode.js";
import { fingerprint, type OnnxGraph } from "../onnx/graph.js";
import type { ModelStep } from "./program.js";
import { outlying, type WeightTensor, weightTensor } from "./weights.js";

/** An ONNX model, and the weights it uses that lie outside of it: the model's name for each, and its place in the list. */
export type CompiledModel = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly weights: Readonly<Record<string, number>>;
};

export type CompiledModels = {
  readonly models: readonly CompiledModel[];
  readonly weights: readonly WeightTensor[];
};

/** The ONNX models of all programs; graphs that compute the same become one. */
export interface Models {
  /** The step that runs the graph, whose values keep their names. */
  add(graph: OnnxGraph): ModelStep;
  /** Writes all of them. @throws FAILED_PRECONDITION when one is too large */
  write(): CompiledModels;
}

export function createModels(): Models {
  const graphs: OnnxGraph[] = [];
  const byFingerprint = new Map<string, { readonly model: number; readonly graph: OnnxGraph }>();
  return {
    add: (graph) => {
      const print = fingerprint(graph);
      const shared = byFingerprint.get(print) ?? { model: graphs.push(graph) - 1, graph };
      byFingerprint.set(print, shared);
      // Those that share a model use the names of the one that came first.
      const names = (side: "inputs" | "outputs") =>
        record(graph[side].map(({ name }, i) => [shared.graph[side][i]!.name, name] as const));
      return { kind: "model", model: shared.model, inputs: names("inputs"), outputs: names("outputs") };
    },
    write: () => {
      const outside = outlying(graphs);
      const places = new Map<string, number>();
      const weights: WeightTensor[] = [];
      const models = graphs.map((graph) => {
        const used = graph.initializers.filter(({ constant }) => outside.has(constant.id));
        for (const { constant } of used) {
          if (!places.has(constant.id)) places.set(constant.id, weights.push(weightTensor(constant)) - 1);
        }
        const inside = graph.initializers.filter(({ constant }) => !outside.has(constant.id));
        return {
          bytes: encodeModel({ ...graph, initializers: inside }),
          weights: record(used.map(({ name, constant }) => [name, places.get(constant.id)!] as const)),
        };
      });
      return { models, weights };
    },
  };
}
