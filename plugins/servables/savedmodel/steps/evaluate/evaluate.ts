import type { DType } from "../../../../../core/index.js";
import type { OnnxNode } from "../../onnx/graph.js";
import type { HostOp, Kernel } from "../host-op.js";
import { arithmetic } from "./arithmetic.js";
import type { Evaluator, OnnxCall } from "./evaluator.js";
import { movement } from "./movement.js";
import { reductions } from "./reductions.js";
import { shapes } from "./shapes.js";

const evaluators: ReadonlyMap<string, Evaluator> = new Map(
  Object.entries({ ...shapes, ...movement, ...arithmetic, ...reductions }),
);

const NUMBERS: ReadonlySet<DType> = new Set(["float32", "float64", "int32", "int64", "bool"]);

/**
 * Whether the host computes an ONNX node exactly as ONNX Runtime does. Such nodes between two host steps need no model
 * of their own.
 */
export function evaluates({ op, inputs, outputs }: OnnxNode, types: ReadonlyMap<string, DType>): boolean {
  const evaluator = evaluators.get(op);
  if (!evaluator) return false;
  return [...inputs, ...outputs].every((name) => {
    const type = types.get(name);
    return name === "" || (type !== undefined && (NUMBERS.has(type) || (type === "string" && evaluator.strings)));
  });
}

/** One ONNX node on the host. */
export const evaluateOp: HostOp<OnnxCall> = {
  name: "Onnx",
  open: ({ op, attributes }): Kernel => evaluators.get(op)!.open(attributes),
};
