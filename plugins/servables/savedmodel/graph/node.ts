import type { NodeDef } from "../../../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import type { OpDef } from "../../../../protos/gen/tensorflow/core/framework/op_def_pb.js";

/** One operator of the flat graph: a node of the main graph, or of a function's body at one place it is called. */
export type Node = {
  /** Its place: the names of the calls that lead to it and its own, e.g. `StatefulPartitionedCall/dense/MatMul`. */
  readonly name: string;
  readonly op: string;
  /** The function whose body it stands in. */
  readonly fn: string | undefined;
  readonly def: NodeDef;
  /** The operator's definition as the model carries it. */
  readonly opDef: OpDef | undefined;
};

/** One of the tensors that a node yields. */
export type Output = { readonly node: Node; readonly index: number };

/** For messages: `"dense/MatMul" in the function "__inference_call_12"`. */
export const placeOf = (node: Node): string =>
  node.fn === undefined ? `"${node.name}"` : `"${node.name}" in the function "${node.fn}"`;
