import { elementCount } from "../../../../core/index.js";
import { nestedGraphs, type OnnxNode } from "../onnx/graph.js";
import { type FlatGraph, type FlatNode, isHost, usesOf } from "./flat.js";

/** The most elements of a constant that is kept for host steps; larger ones are weights. */
const MOST_ELEMENTS = 2 ** 20;

/** What of a graph is the same at every call: no step of a call computes it. */
export interface Fixed {
  /** Whether the node's values are; each ONNX model that uses them takes the node in. */
  has(node: FlatNode): boolean;
  /** Whether nodes on the host may use the value: it is not fixed, or the host can compute it from no weight. */
  isLight(name: string): boolean;
}

/** `eligible`: whether the host computes a node as ONNX Runtime does. */
export function fixedOf(graph: FlatGraph, eligible: (node: OnnxNode) => boolean): Fixed {
  const initializers = new Map(graph.initializers.map(({ name, constant }) => [name, constant]));
  const heavy = new Set<string>();
  for (const [name, { dtype, shape }] of initializers) {
    if (dtype !== "string" && elementCount(shape) > MOST_ELEMENTS) heavy.add(name);
  }
  const makers = new Map<string, OnnxNode>();
  const isFixed = (name: string) => name === "" || initializers.has(name) || makers.has(name);
  for (const node of graph.nodes) {
    if (isHost(node) || node.op.startsWith("Random") || nestedGraphs(node).length > 0) continue;
    if (!node.inputs.every(isFixed)) continue;
    const onHost = eligible(node) && !node.inputs.some((name) => heavy.has(name));
    for (const name of node.outputs) {
      makers.set(name, node);
      if (!onHost) heavy.add(name);
    }
  }
  // What the host waits for and cannot compute comes out of a model, as values that change do.
  const awaited = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes.toReversed()) {
    const stuck = node.outputs.some((name) => makers.has(name) && heavy.has(name) && awaited.has(name));
    if (!isHost(node) && !stuck) continue;
    for (const name of usesOf(node)) awaited.add(name);
    for (const name of node.outputs) makers.delete(name);
  }

  return {
    has: (node) => node.outputs.some((name) => makers.has(name)),
    isLight: (name) => !heavy.has(name),
  };
}
