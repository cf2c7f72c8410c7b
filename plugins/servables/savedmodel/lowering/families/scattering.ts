import type { DType } from "../../../../../core/index.js";
import type { Fill } from "../../onnx/graph.js";
import { unless } from "../checked.js";
import { reshaped } from "../constant.js";
import { scalarConstant } from "../context.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { asInt64, joinLeading, numbers, shapeList, sizeOf, upTo } from "../sizes.js";
import type { Shape, Value } from "../value.js";

/** A tensor of that shape, an int64 list, with one value everywhere. */
export function filledWith(c: RuleContext, shape: string, dtype: DType, value: number): string {
  if (dtype === "bfloat16" || dtype === "float16") return c.emit("Expand", [c.scalar(dtype, value), shape]);
  const fill: Fill = { tensor: reshaped(scalarConstant(dtype, value), [1]) };
  return c.emit("ConstantOfShape", [shape], { value: fill });
}

const FAR = 2 ** 31 - 1;

export type Reduction = "none" | "add" | "mul" | "max" | "min";

/**
 * Rows of `updates` written into those of `target` that a list of int64 `rows` names. ONNX Runtime's ScatterND adds
 * with several threads at once and loses sums where rows come twice; ScatterElements does not.
 */
export function scatterRows(
  c: RuleContext,
  target: string,
  rows: string,
  updates: string,
  reduction: Reduction,
  rank: number,
): string {
  const columns = Array.from({ length: rank - 1 }, (_, d) => d + 1);
  const tall = columns.length > 0 ? c.emit("Unsqueeze", [rows, c.int64(columns)]) : rows;
  const each = c.emit("Expand", [tall, c.emit("Shape", [updates])]);
  return c.emit("ScatterElements", [target, each, updates], { axis: 0, reduction });
}

/** `updates` written where `indices` say into `target`, of the shape `sizes`. */
function scatter(c: RuleContext, target: string, sizes: string, shape: Shape, reduction: Reduction): Value {
  const [indices, updates] = c.node.op === "ScatterNd" ? [c.input(0), c.input(1)] : [c.input(1), c.input(2)];
  const at = asInt64(c, indices);
  const depth = c.emit("Slice", [c.emit("Shape", [indices]), c.int64([-1]), c.int64([FAR])]);
  const outer = c.emit("Slice", [sizes, c.int64([0]), depth]);
  const inner = c.emit("Slice", [sizes, depth, c.int64([FAR])]);
  const [count, width] = [outer, inner].map((each) => c.emit("ReduceProd", [each], { keepdims: 1 }));
  // An index of several numbers is one place among all.
  const wrong = c.emit("Or", [c.emit("Less", [at, c.int64(0)]), c.emit("GreaterOrEqual", [at, outer])]);
  const places = c.emit("Reshape", [upTo(c, count!), outer], { allowzero: 1 });
  const rows = c.emit("Reshape", [c.emit("GatherND", [places, unless(c, wrong, at)]), c.int64([-1])]);
  // What does not fit into this shape is no update for these indices.
  const lead = c.emit("Slice", [c.emit("Shape", [indices]), c.int64([0]), c.int64([-1])]);
  const shaped = c.emit("Expand", [updates, c.emit("Concat", [lead, inner], { axis: 0 })]);
  const flat = c.emit("Reshape", [shaped, c.emit("Concat", [c.emit("Shape", [rows]), width!], { axis: 0 })], {
    allowzero: 1,
  });
  const table = c.emit("Reshape", [target, c.emit("Concat", [count!, width!], { axis: 0 })], { allowzero: 1 });
  const written = scatterRows(c, table, rows, flat, reduction, 2);
  return c.value(c.emit("Reshape", [written, sizes], { allowzero: 1 }), shape);
}

const scatterInto =
  (reduction: Reduction): Rule =>
  (c) => {
    const target = c.input(0);
    return scatter(c, c.plain(target), c.emit("Shape", [target]), target.shape, reduction);
  };

function scatterNd(c: RuleContext): Value {
  const size = c.input(2);
  const dtype = c.dtypes[0]!;
  if (dtype === "string" || dtype === "bool") c.refuse(`it adds up values of type ${dtype}`);
  const sizes = asInt64(c, size);
  const length = size.shape?.[0] ?? -1;
  const shape = size.constant ? numbers(size) : length === -1 ? null : new Array<number>(length).fill(-1);
  return scatter(c, filledWith(c, sizes, dtype, 0), sizes, shape, "add");
}

function scatterSub(c: RuleContext): Value {
  const [target, indices, updates] = [c.input(0), c.input(1), c.input(2)];
  const negated = c.emit("Sub", [c.scalar(updates.dtype, 0), updates]);
  const inputs = [target, indices, { ...updates, names: { plain: negated } }];
  return scatterInto("add")({ ...c, inputs, input: (i) => inputs[i]! }) as Value;
}

/** Rows of several tensors, each put where its index says; of those that say the same the last stays. */
function dynamicStitch(c: RuleContext): Value {
  const count = c.attrs.int("N", c.inputs.length / 2);
  const [indices, data] = [c.inputs.slice(0, count), c.inputs.slice(count)];
  const rank = c.requireRank(data[0]!) - c.requireRank(indices[0]!) + 1;
  const rows = indices.map((value) => c.emit("Reshape", [asInt64(c, value), c.int64([-1])]));
  const all = c.emit("Concat", rows, { axis: 0 });
  const parts = data.map((value, i) => {
    const lead = c.requireRank(indices[i]!);
    return lead === 0 ? c.emit("Unsqueeze", [value, c.int64([0])]) : joinLeading(c, value, lead);
  });
  const table = c.emit("Concat", parts, { axis: 0 });
  const safe = unless(c, c.emit("Less", [all, c.int64(0)]), all);
  const last = c.emit("ReduceMax", [c.emit("Concat", [c.int64([-1]), safe], { axis: 0 })], { keepdims: 1 });
  const size = c.emit("Add", [last, c.int64([1])]);
  const places = upTo(c, c.emit("Shape", [all]));
  const chosen = scatterRows(c, filledWith(c, size, "int64", 0), safe, places, "max", 1);
  const inner = data[0]!.shape!.slice(data[0]!.shape!.length - rank + 1);
  return c.value(c.emit("Gather", [table, chosen]), [-1, ...inner]);
}

/** The rows of each part, in order. */
function dynamicPartition(c: RuleContext): readonly Value[] {
  const [data, partitions] = [c.input(0), c.input(1)];
  const count = c.attrs.int("num_partitions");
  const lead = c.requireRank(partitions);
  if (lead === 0) return c.refuse("its partition is one number");
  const at = c.emit("Reshape", [partitions, c.int64([-1])]);
  const [zero, end] = [c.scalar(partitions.dtype, 0), c.scalar(partitions.dtype, count)];
  const wrong = c.emit("Or", [c.emit("Less", [at, zero]), c.emit("GreaterOrEqual", [at, end])]);
  const checked = unless(c, wrong, at);
  const rows = joinLeading(c, data, lead);
  const shape = data.shape && [-1, ...data.shape.slice(lead)];
  return Array.from({ length: count }, (_, output) => {
    const own = c.emit("Equal", [checked, c.scalar(partitions.dtype, output)]);
    return c.value(c.emit("Compress", [rows, own], { axis: 0 }), shape, { output });
  });
}

/** The permutation that undoes another; an error where it is none. */
function invertPermutation(c: RuleContext): Value {
  const value = c.input(0);
  c.requireRank(value, 1);
  const places = upTo(c, c.emit("Shape", [value]));
  const size = shapeList(c, [sizeOf(c, value, 0)]);
  const given = asInt64(c, value);
  const wrong = c.emit("Or", [c.emit("Less", [given, c.int64(0)]), c.emit("GreaterOrEqual", [given, size])]);
  const safe = unless(c, wrong, given);
  const inverse = c.emit("ScatterElements", [places, safe, places], { axis: 0 });
  const twice = c.emit("Not", [c.emit("Equal", [c.emit("Gather", [inverse, safe]), places])]);
  return c.value(c.emit("Cast", [unless(c, twice, inverse)], { to: c.onnxType(value.dtype) }), value.shape);
}

/** A sparse matrix times a dense one: rows of the one, scaled, added up where the other's indices say. */
function sparseTimesDense(c: RuleContext): Value {
  const [indices, values, size, dense] = [c.input(0), c.input(1), c.input(2), c.input(3)];
  c.requireRank(indices, 2);
  c.requireRank(dense, 2);
  const [down, across] = c.attrs.flag("adjoint_a", false) ? [1, 0] : [0, 1];
  const flipped = c.attrs.flag("adjoint_b", false);
  const matrix = flipped ? c.emit("Transpose", [dense], { perm: [1, 0] }) : c.plain(dense);
  const sizes = c.emit("Shape", [matrix]);
  const at = asInt64(c, indices);
  const places = (column: number, limit: string) => {
    const list = c.emit("Gather", [at, c.int64(column)], { axis: 1 });
    const wrong = c.emit("Or", [c.emit("Less", [list, c.int64(0)]), c.emit("GreaterOrEqual", [list, limit])]);
    return unless(c, wrong, list);
  };
  const rows = c.emit("Gather", [asInt64(c, size), c.int64([down!])]);
  const picked = c.emit("Gather", [matrix, places(across!, c.emit("Gather", [sizes, c.int64([0])]))]);
  const scaled = c.emit("Mul", [picked, c.emit("Unsqueeze", [values, c.int64([1])])]);
  const columns = c.emit("Gather", [sizes, c.int64([1])]);
  const empty = filledWith(c, c.emit("Concat", [rows, columns], { axis: 0 }), c.dtypes[0]!, 0);
  const name = scatterRows(c, empty, places(down!, rows), scaled, "add", 2);
  return c.value(name, [-1, dense.shape![flipped ? 0 : 1]!]);
}

export const scatteringRules: Rules = {
  ScatterNd: scatterNd,
  TensorScatterUpdate: scatterInto("none"),
  TensorScatterAdd: scatterInto("add"),
  ScatterNdNonAliasingAdd: scatterInto("add"),
  TensorScatterSub: scatterSub,
  TensorScatterMax: scatterInto("max"),
  TensorScatterMin: scatterInto("min"),
  DynamicStitch: dynamicStitch,
  ParallelDynamicStitch: dynamicStitch,
  DynamicPartition: dynamicPartition,
  SparseTensorDenseMatMul: sparseTimesDense,
  InvertPermutation: invertPermutation,
};
