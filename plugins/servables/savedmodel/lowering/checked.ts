import { emitCheck, nameSaying } from "./guards.js";
import type { RuleContext } from "./rule.js";
import { isFloat, type Value } from "./value.js";

/**
 * The same tensor; the run fails with an error, of these words behind the node's name where there are some, if an item of
 * `wrong`, booleans of any shape, is true. ONNX has no assertion: what fails is a gather whose index is the number of wrong
 * items.
 */
export function unless(c: RuleContext, wrong: string, name: Value | string, words?: string): string {
  const count = c.emit("ReduceSum", [c.emit("Cast", [wrong], { to: c.onnxType("int64") })], { keepdims: 0 });
  const wrapped = c.emit("Unsqueeze", [name, c.int64([0])]);
  if (words === undefined) return c.emit("Gather", [wrapped, count], { axis: 0 });
  return c.builder.emit(nameSaying(`"${c.node.name}" ${words}`), "Gather", [wrapped, count], { axis: 0 })[0]!;
}

/** Fails the run, with these words behind the node's name, where an item of `wrong`, booleans of any shape, is true. */
export function failWhere(c: RuleContext, wrong: string, words: string): void {
  const count = c.emit("ReduceSum", [c.emit("Cast", [wrong], { to: c.onnxType("int64") })], { keepdims: 0 });
  const holds = c.emit("Equal", [count, c.int64(0)]);
  c.builder.guard(emitCheck(c.builder, `"${c.node.name}" ${words}`, holds));
}

/** Fails the run where a NaN is to be put in order: which place it takes differs between the engines. */
export function failOnNaN(c: RuleContext, value: Value): void {
  if (isFloat(value.dtype)) failWhere(c, c.emit("IsNaN", [value]), "puts NaN in order");
}
