import { elementCount } from "../../../../core/index.js";
import type { Attribute } from "../onnx/graph.js";
import { evaluateOp } from "../steps/evaluate/evaluate.js";
import type { OnnxCall } from "../steps/evaluate/evaluator.js";
import { type FlatGraph, type FlatNode, type HostNode, isHost } from "./flat.js";

/** Whether ONNX Runtime gathers these strings right: it copies the first string of each row alone. */
function gathersSingles({ initializers }: FlatGraph, { inputs: [data] }: HostNode, { attributes }: OnnxCall): boolean {
  const shape = initializers.find(({ name }) => name === data)?.constant.shape;
  const axis = typeof attributes.axis === "number" ? attributes.axis : 0;
  if (axis === -1) return true;
  return shape !== undefined && elementCount(shape.slice((axis < 0 ? axis + shape.length : axis) + 1)) === 1;
}

/** The graph with ONNX's own operators in ONNX, wherever ONNX Runtime computes them rightly. */
export function standardized(graph: FlatGraph): FlatGraph {
  const standard = (node: FlatNode): FlatNode => {
    if (!isHost(node) || node.host !== evaluateOp.name) return node;
    const call = node.attributes as OnnxCall;
    if (call.op === "Gather" && !gathersSingles(graph, node, call)) return node;
    const { name, inputs, outputs } = node;
    return { op: call.op, name, inputs, outputs, attributes: call.attributes as Readonly<Record<string, Attribute>> };
  };
  return { ...graph, nodes: graph.nodes.map(standard) };
}
