import type { Tensor } from "../../../../core/index.js";
import type { OnnxNode } from "../onnx/graph.js";
import type { OnnxCall } from "../steps/evaluate/evaluator.js";

/** A constant that owns its memory, since programs are posted between threads. */
export function owned({ dtype, shape, data }: Tensor): Tensor {
  const copy = dtype === "string" ? data.map((item) => Uint8Array.from(item)) : data.slice();
  return { dtype, shape, data: copy } as Tensor;
}

/** What the evaluator takes: an ONNX node whose tensors are tensors. */
export function plainAttributes({ op, attributes }: OnnxNode): OnnxCall {
  const entries = Object.entries(attributes).map(([key, value]) => {
    const tensor = typeof value === "object" && "tensor" in value ? owned(value.tensor.value()) : value;
    return [key, tensor] as const;
  });
  return { op, attributes: Object.fromEntries(entries) };
}
