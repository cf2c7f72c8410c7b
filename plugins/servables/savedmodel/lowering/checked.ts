import type { RuleContext } from "./rule.js";
import type { Value } from "./value.js";

/**
 * The same tensor; the run fails with an error where an item of `wrong`, booleans of any shape, is true. ONNX has no
 * assertion: what fails is a gather whose index is the number of wrong items.
 */
export function unless(c: RuleContext, wrong: string, name: Value | string): string {
  const count = c.emit("ReduceSum", [c.emit("Cast", [wrong], { to: c.onnxType("int64") })], { keepdims: 0 });
  return c.emit("Gather", [c.emit("Unsqueeze", [name, c.int64([0])]), count], { axis: 0 });
}
