import type { Nested } from "../../onnx/graph.js";
import type { Builder } from "../builder.js";
import { failOnNaN } from "../checked.js";
import { nameSaying } from "../guards.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64, asList, sizeOf, upTo } from "../sizes.js";
import { isFloat, type Value } from "../value.js";

/** An int64 result in the dtype that TensorFlow gives that output. */
function counted(c: RuleContext, name: string, output: number): string {
  const dtype = c.dtypes[output]!;
  return dtype === "int64" ? name : c.emit("Cast", [name], { to: c.onnxType(dtype) });
}

/**
 * The greatest of each row and where they stand; of equal ones the first comes first, in ONNX as in TensorFlow. Where
 * there are no rows, ONNX Runtime's TopK divides by zero and ends the process.
 */
function largest(c: RuleContext, value: Value, k: string): readonly string[] {
  const { name } = c.node;
  const x = c.plain(value);
  const [some, none] = [c.builder.nested(), c.builder.nested()];
  const ends = (inner: Builder, names: readonly string[]): Nested => {
    const dtypes = [value.dtype, "int64"] as const;
    const outputs = names.map((each, i) => ({ name: inner.emit(name, "Identity", [each])[0]!, dtype: dtypes[i]! }));
    return { graph: inner.build([], outputs) };
  };
  const fails = nameSaying(`"${name}" looks for more of the greatest than a row has`);
  const sorted = some.emit(fails, "TopK", [x, k], { axis: -1, largest: 1, sorted: 1 }, 2);
  const [empty] = none.emit(name, "Slice", [x, c.int64([0]), k, c.int64([-1])]);
  const nowhere = none.emit(name, "Cast", [empty!], { to: c.onnxType("int64") });
  const items = c.emit("ReduceProd", [c.emit("Shape", [x])], { keepdims: 0 });
  const hasRows = c.emit("Cast", [items], { to: c.onnxType("bool") });
  const branches = { then_branch: ends(some, sorted), else_branch: ends(none, [empty!, ...nowhere]) };
  return c.emitMany("If", [hasRows], branches, 2);
}

function topK(c: RuleContext, k: string, size: number): readonly Value[] {
  const value = c.input(0);
  // Unsorted results may stand in any order, so also in this.
  c.attrs.flag("sorted", true);
  failOnNaN(c, value);
  const [values, indices] = largest(c, value, k);
  const shape = value.shape && [...value.shape.slice(0, -1), size];
  return [c.value(values!, shape), c.value(counted(c, indices!, 1), shape, { output: 1 })];
}

/** What occurs in a list, in the order in which it first does: values, and for each item of the list the value's place. */
function unique(c: RuleContext): readonly Value[] {
  const value = c.input(0);
  // NaN is unlike itself in TensorFlow, and no order that ONNX Runtime could search by.
  if (isFloat(value.dtype)) return c.refuse(`it looks for equal values of type ${value.dtype}`);
  c.requireRank(value, 1);
  if (c.node.op.endsWith("V2") && c.ints(1, "its axis").some((axis) => axis !== 0 && axis !== -1)) {
    return c.refuse("its axis is not the first");
  }
  const [values, , places, counts] = c.emitMany("Unique", [value], { sorted: 0 }, 4);
  const results = [c.value(values!, [-1]), c.value(counted(c, places!, 1), value.shape, { output: 1 })];
  if (c.dtypes.length < 3) return results;
  return [...results, c.value(counted(c, counts!, 2), [-1], { output: 2 })];
}

/** What occurs in one list and not in another, and where. */
function listDiff(c: RuleContext): readonly Value[] {
  const [x, y] = [c.input(0), c.input(1)];
  const pairs = c.emit("Equal", [c.emit("Unsqueeze", [x, c.int64([1])]), c.emit("Unsqueeze", [y, c.int64([0])])]);
  const hits = c.emit("ReduceSum", [c.emit("Cast", [pairs], { to: c.onnxType("int32") }), c.int64([1])], {
    keepdims: 0,
  });
  const left = c.emit("Equal", [hits, c.scalar("int32", 0)]);
  const places = c.emit("Compress", [upTo(c, c.emit("Shape", [x])), left], { axis: 0 });
  return [
    c.value(c.emit("Compress", [x, left], { axis: 0 }), [-1]),
    c.value(counted(c, places, 1), [-1], { output: 1 }),
  ];
}

/** Where a tensor is not zero: one row an element. */
function where(c: RuleContext): Value {
  const value = c.input(0);
  const rank = c.requireRank(value);
  if (rank === 0) c.refuse("its input is one number");
  return c.value(c.emit("Transpose", [c.emit("NonZero", [value])], { perm: [1, 0] }), [-1, rank]);
}

/** How many of a sorted list come before each value: those that `before` says. */
function bound(c: RuleContext, op: "Less" | "LessOrEqual"): Value {
  const [sorted, values] = [c.input(0), c.input(1)];
  for (const value of [sorted, values]) c.requireRank(value, 2);
  const pair = [c.emit("Unsqueeze", [sorted, c.int64([1])]), c.emit("Unsqueeze", [values, c.int64([2])])];
  const before = c.emit("Cast", [c.emit(op, pair)], { to: c.onnxType("int32") });
  const count = c.emit("ReduceSum", [before, c.int64([2])], { keepdims: 0 });
  return c.value(c.emit("Cast", [count], { to: c.onnxType(c.dtypes[0]!) }), values.shape);
}

/** Boxes by falling score, without those that overlap one already chosen too much: their places, and how many. */
function nonMaxSuppression(c: RuleContext, version: 2 | 3 | 4 | 5): readonly Value[] {
  const [boxes, scores] = [c.input(0), c.input(1)];
  c.requireRank(boxes, 2);
  c.requireRank(scores, 1);
  failOnNaN(c, boxes);
  failOnNaN(c, scores);
  if (version === 5 && c.known(5, "its sigma for soft suppression").data[0] !== 0) c.refuse("it suppresses softly");
  const wide = (value: Value | string) => c.emit("Cast", [value], { to: c.onnxType("float32") });
  const threshold = (index: number) => c.emit("Reshape", [wide(c.input(index)), c.int64([1])]);
  const most = asList(c, c.input(2));
  const found = c.emit(
    "NonMaxSuppression",
    [
      c.emit("Unsqueeze", [wide(boxes), c.int64([0])]),
      c.emit("Unsqueeze", [wide(scores), c.int64([0, 1])]),
      most,
      threshold(3),
      ...(version > 2 ? [threshold(4)] : []),
    ],
    {},
  );
  const chosen = c.emit("Gather", [found, c.int64(2)], { axis: 1 });
  const count = c.emit("Shape", [chosen]);
  const padded = (name: string, like: "int64" | "float") => {
    const missing = c.emit("Concat", [c.int64([0]), c.emit("Sub", [most, count])], { axis: 0 });
    return c.emit("Pad", [name, missing, like === "int64" ? c.int64(0) : c.scalar(scores.dtype, 0)]);
  };
  const pads = version > 3 && c.attrs.flag("pad_to_max_output_size", false);
  const indices = counted(c, pads ? padded(chosen, "int64") : chosen, 0);
  const valid = c.emit("Squeeze", [count, c.int64([0])]);
  if (version < 4) return [c.value(indices, [-1])];
  if (version === 4) return [c.value(indices, [-1]), c.value(counted(c, valid, 1), [], { output: 1 })];
  const best = c.emit("Gather", [scores, chosen]);
  return [
    c.value(indices, [-1]),
    c.value(pads ? padded(best, "float") : best, [-1], { output: 1 }),
    c.value(counted(c, valid, 2), [], { output: 2 }),
  ];
}

/** Whether fewer than k are better than the target; never where a row is not finite or the target out of range. */
function inTopK(c: RuleContext, k: string): Value {
  const [predictions, targets] = [c.input(0), c.input(1)];
  c.requireRank(predictions, 2);
  const at = asInt64(c, targets);
  const classes = sizeOf(c, predictions, 1);
  const outside = c.emit("Or", [c.emit("Less", [at, c.int64(0)]), c.emit("GreaterOrEqual", [at, classes])]);
  const column = c.emit("Unsqueeze", [c.emit("Where", [outside, c.int64(0), at]), c.int64([1])]);
  const own = c.emit("GatherElements", [predictions, column], { axis: 1 });
  const perRow = (flags: string) =>
    c.emit("ReduceSum", [c.emit("Cast", [flags], { to: c.onnxType("int64") }), c.int64([1])], { keepdims: 0 });
  const odd = perRow(c.emit("Or", [c.emit("IsNaN", [predictions]), c.emit("IsInf", [predictions])]));
  const lost = c.emit("Or", [outside, c.emit("Greater", [odd, c.int64(0)])]);
  const won = c.emit("Less", [perRow(c.emit("Greater", [predictions, own])), k]);
  return c.value(c.emit("And", [won, c.emit("Not", [lost])]), [-1]);
}

export const searchingRules: Rules = {
  TopKV2: (c) => topK(c, asList(c, c.input(1)), c.input(1).constant ? c.int(1, "its k") : -1),
  Unique: unique,
  UniqueV2: unique,
  UniqueWithCounts: unique,
  UniqueWithCountsV2: unique,
  ListDiff: listDiff,
  Where: where,
  LowerBound: (c) => bound(c, "Less"),
  UpperBound: (c) => bound(c, "LessOrEqual"),
  InTopK: (c) => inTopK(c, c.int64(c.attrs.int("k"))),
  InTopKV2: (c) => inTopK(c, asInt64(c, c.input(2))),
  NonMaxSuppressionV2: (c) => nonMaxSuppression(c, 2),
  NonMaxSuppressionV3: (c) => nonMaxSuppression(c, 3),
  NonMaxSuppressionV4: (c) => nonMaxSuppression(c, 4),
  NonMaxSuppressionV5: (c) => nonMaxSuppression(c, 5),
};
