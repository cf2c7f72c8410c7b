import { evaluateOp } from "../steps/evaluate/evaluate.js";
import type { HostStep } from "./program.js";

/** Whether the step is ONNX's own operator, which runs outside of ONNX Runtime only because of where it stands. */
export const isOnnxStep = ({ op }: Pick<HostStep, "op">): boolean => op === evaluateOp.name;

/** What people call the operator: `StringSplit`, or `onnx Gather`. */
export function stepName(step: Pick<HostStep, "op" | "attributes">): string {
  return isOnnxStep(step) ? `onnx ${(step.attributes as { readonly op: string }).op}` : step.op;
}
