import type { DType } from "../../../../core/index.js";
import { type OnnxGraph, type OnnxNode, usedBy } from "../onnx/graph.js";

/** A step of our own between ONNX nodes: an operator that ONNX Runtime lacks. */
export type HostNode = {
  /** The name of its HostOp. */
  readonly host: string;
  /** The TensorFlow node's name. */
  readonly name: string;
  /** What the operator is opened with; can be posted to another thread. */
  readonly attributes: unknown;
  readonly inputs: readonly string[];
  /** "" for an output that nothing uses */
  readonly outputs: readonly string[];
};

export type FlatNode = OnnxNode | HostNode;

/** A signature as one list of nodes in the order they can run, before it is cut into ONNX graphs and host steps. */
export type FlatGraph = Omit<OnnxGraph, "nodes"> & {
  readonly nodes: readonly FlatNode[];
  /** The types of the values, as far as rules said. */
  readonly types: ReadonlyMap<string, DType>;
};

export const isHost = (node: FlatNode): node is HostNode => "host" in node;

/** The values that a node uses. */
export const usesOf = (node: FlatNode): readonly string[] => (isHost(node) ? node.inputs : usedBy(node));

/** The graph without nodes and initializers that no output needs, and with host nodes' unused outputs unnamed. */
export function pruned(graph: FlatGraph): FlatGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: FlatNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of usesOf(node)) needed.add(name);
    const outputs = node.outputs.map((name) => (needed.has(name) ? name : ""));
    nodes.push(isHost(node) ? { ...node, outputs } : node);
  }
  return { ...graph, nodes: nodes.reverse(), initializers: graph.initializers.filter(({ name }) => needed.has(name)) };
}
