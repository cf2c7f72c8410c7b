import { unless } from "../checked.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64, upTo } from "../sizes.js";
import type { Value } from "../value.js";
import { floatsOnly } from "./reduction.js";

/** What classes cost, and how the cost changes with them: of the logarithm of a softmax. */
function crossEntropy(c: RuleContext, labels: (logits: string) => string): readonly Value[] {
  const logits = c.input(0);
  floatsOnly(c, logits.dtype);
  c.requireRank(logits, 2);
  const wanted = labels(c.plain(logits));
  const costs = c.emit("Mul", [wanted, c.emit("LogSoftmax", [logits], { axis: 1 })]);
  const loss = c.emit("Neg", [c.emit("ReduceSum", [costs, c.int64([1])], { keepdims: 0 })]);
  const change = c.emit("Sub", [c.emit("Softmax", [logits], { axis: 1 }), wanted]);
  return [c.value(loss, [-1]), c.value(change, logits.shape, { output: 1 })];
}

/** The class that each row is of, as a row with a 1 there; a class that there is not has no cost that is a number. */
function classRows(c: RuleContext, logits: string): string {
  const { dtype } = c.input(0);
  const classes = c.emit("Gather", [c.emit("Shape", [logits]), c.int64([1])]);
  const at = asInt64(c, c.input(1));
  const outside = c.emit("Or", [c.emit("Less", [at, c.int64(0)]), c.emit("GreaterOrEqual", [at, classes])]);
  const column = (name: string) => c.emit("Unsqueeze", [name, c.int64([1])]);
  const own = c.emit("Equal", [column(unless(c, outside, at)), upTo(c, classes)]);
  return c.emit("Where", [own, c.scalar(dtype, 1), c.scalar(dtype, 0)]);
}

export const lossRules: Rules = {
  SoftmaxCrossEntropyWithLogits: (c) => crossEntropy(c, () => c.plain(c.input(1))),
  SparseSoftmaxCrossEntropyWithLogits: (c) => crossEntropy(c, (logits) => classRows(c, logits)),
  L2Loss: (c) => {
    const value = c.input(0);
    const sum = c.emit("ReduceSum", [c.emit("Mul", [value, value])], { keepdims: 0 });
    return c.value(c.emit("Mul", [sum, c.scalar(value.dtype, 0.5)]), [], { certain: true });
  },
};
