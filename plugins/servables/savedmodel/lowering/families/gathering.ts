import { nameSaying } from "../guards.js";
import { countedFromTheEnd } from "../patterns/from-the-end.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64, asList, sizeOf as sizeAt, upTo } from "../sizes.js";
import type { Value } from "../value.js";

/**
 * Indices for an ONNX operator that takes negative ones from the end, where TensorFlow does not: they become `size`,
 * which is one too many.
 */
export function withoutNegative(c: RuleContext, indices: Value, size: string): string {
  if (indices.constant) {
    const least = Array.from(indices.constant.value().data as ArrayLike<number | bigint>, Number).reduce(
      (a, b) => Math.min(a, b),
      0,
    );
    if (least >= 0) return c.plain(indices);
  }
  const negative = c.emit("Less", [indices, c.scalar(indices.dtype, 0)]);
  return c.emit("Where", [negative, size, indices]);
}

function sizeOf(c: RuleContext, value: Value, axis: number, like: Value): string {
  const known = value.constant?.shape[axis < 0 ? axis + value.constant.shape.length : axis];
  if (known !== undefined) return c.scalar(like.dtype, known);
  const size = c.emit("Gather", [c.emit("Shape", [value]), c.int64(axis)]);
  return like.dtype === "int64" ? size : c.emit("Cast", [size], { to: c.onnxType(like.dtype) });
}

function gather(c: RuleContext, axis: number): Value {
  const [table, indices] = [c.input(0), c.input(1)];
  const given = c.attrs.int("batch_dims", 0);
  if (given !== 0) return batchGather(c, given < 0 ? given + c.requireRank(indices) : given, axis);
  const rank = table.shape?.length ?? 0;
  const at = axis < 0 ? axis + rank : axis;
  const own = countedFromTheEnd(indices, table.constant?.shape[at] ?? -1);
  const checked = own ? c.plain(own) : withoutNegative(c, indices, sizeOf(c, table, axis, indices));
  const shape = table.shape &&
    indices.shape && [...table.shape.slice(0, at), ...indices.shape, ...table.shape.slice(at + 1)];
  // Strings are gathered by a step of our own, which has words of its own.
  const words = `"${c.node.name}" is given an index outside of its table`;
  const name = table.dtype === "string" ? c.node.name : nameSaying(words);
  return c.value(c.builder.emit(name, "Gather", [c.plain(table), checked], { axis })[0]!, shape);
}

/** Each table of a batch by indices of its own. ONNX does that for the first dimension after the batch's. */
function batchGather(c: RuleContext, batch: number, axis: number): Value {
  const [table, indices] = [c.input(0), c.input(1)];
  const [rank, reach] = [c.requireRank(table), c.requireRank(indices)];
  const at = axis < 0 ? axis + rank : axis;
  const checked = withoutNegative(c, indices, sizeOf(c, table, at, indices));
  const wide = indices.dtype === "int64" ? checked : c.emit("Cast", [checked], { to: c.onnxType("int64") });
  const between = Array.from({ length: at - batch }, (_, i) => batch + i);
  const others = Array.from({ length: rank }, (_, d) => d).filter((d) => d !== at && !between.includes(d));
  const perm = [...others.slice(0, batch), at, ...between, ...others.slice(batch)];
  const turned = at === batch ? c.plain(table) : c.emit("Transpose", [table], { perm });
  const tuples = c.emit("Unsqueeze", [wide, c.int64([-1])]);
  const picked = c.emit("GatherND", [turned, tuples], { batch_dims: batch });
  const shape = [...table.shape!.slice(0, at), ...indices.shape!.slice(batch), ...table.shape!.slice(at + 1)];
  if (at === batch) return c.value(picked, shape);
  // What lies between the batch and the axis stands after the indices now.
  const fresh = Array.from({ length: reach - batch }, (_, i) => batch + i);
  const moved = between.map((_, i) => reach + i);
  const rest = Array.from({ length: rank - at - 1 }, (_, i) => reach + between.length + i);
  const lead = Array.from({ length: batch }, (_, d) => d);
  return c.value(c.emit("Transpose", [picked], { perm: [...lead, ...moved, ...fresh, ...rest] }), shape);
}

function gatherNd(c: RuleContext): Value {
  const [table, indices] = [c.input(0), c.input(1)];
  const depth = indices.shape?.at(-1) ?? -1;
  if (depth === 0) return c.refuse("its indices have no columns");
  const columns = c.emit("Slice", [c.emit("Shape", [indices]), c.int64([-1]), c.int64([2 ** 31 - 1])]);
  const sizes = c.emit("Slice", [c.emit("Shape", [table]), c.int64([0]), columns]);
  const limits = indices.dtype === "int64" ? sizes : c.emit("Cast", [sizes], { to: c.onnxType(indices.dtype) });
  const checked = withoutNegative(c, indices, limits);
  const wide = indices.dtype === "int64" ? checked : c.emit("Cast", [checked], { to: c.onnxType("int64") });
  const known = table.shape && indices.shape && depth !== -1;
  const shape = known ? [...indices.shape.slice(0, -1), ...table.shape.slice(depth)] : null;
  return c.value(c.emit("GatherND", [table, wide]), shape);
}

/** The types whose one-hot rows ONNX Runtime makes itself, for indices of type int64. */
const ITS_OWN = new Set(["float32", "int64"]);

function oneHot(c: RuleContext): Value {
  const [indices, depth, on, off] = [c.input(0), c.input(1), c.input(2), c.input(3)];
  const axis = c.attrs.int("axis", -1);
  const shape = indices.shape?.slice() ?? null;
  shape?.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, depth.constant ? c.int(1, "its depth") : -1);
  const size = asInt64(c, depth);
  if (ITS_OWN.has(on.dtype)) {
    const rows = [off, on].map((value) => c.emit("Unsqueeze", [value, c.int64([0])]));
    const values = c.emit("Concat", rows, { axis: 0 });
    const at = asInt64(c, indices);
    const checked = c.emit("Where", [c.emit("Less", [at, c.int64(0)]), size, at]);
    return c.value(c.emit("OneHot", [checked, size, values], { axis }), shape);
  }
  const rank = c.requireRank(indices);
  const trailing = axis < 0 ? 0 : rank - axis;
  const places = c.emit("Range", [c.int64(0), size, c.int64(1)]);
  const along = Array.from({ length: trailing }, (_, d) => d + 1);
  const column = trailing > 0 ? c.emit("Unsqueeze", [places, c.int64(along)]) : places;
  const hit = c.emit("Equal", [c.emit("Unsqueeze", [asInt64(c, indices), c.int64([axis])]), column]);
  return c.value(c.emit("Where", [hit, on, off]), shape);
}

/** The first items of each row turned around, as many as `lengths` says. */
function reverseSequence(c: RuleContext): Value {
  const [value, lengths] = [c.input(0), c.input(1)];
  const rank = c.requireRank(value);
  const place = (axis: number) => (axis < 0 ? axis + rank : axis);
  const [time, batch] = [place(c.attrs.int("seq_dim")), place(c.attrs.int("batch_dim", 0))];
  const others = Array.from({ length: rank }, (_, d) => d).filter((d) => d !== time && d !== batch);
  const perm = [batch, time, ...others];
  const turned = c.emit("Transpose", [value], { perm });
  const reversed = c.emit("ReverseSequence", [turned, asInt64(c, lengths)], { batch_axis: 0, time_axis: 1 });
  const back = perm.map((_, d) => perm.indexOf(d));
  return c.value(c.emit("Transpose", [reversed], { perm: back }), value.shape);
}

/** Turned around along some dimensions. */
function reverse(c: RuleContext, value: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return value;
  const rank = value.shape?.length ?? 0;
  if (new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis))).size !== axes.length)
    c.refuse("an axis comes twice");
  const each = (item: number) => c.int64(axes.map(() => item));
  return c.value(c.emit("Slice", [value, each(-1), each(-(2 ** 31)), c.int64(axes), each(-1)]), value.shape);
}

/** Shifted along some dimensions, what falls off one end coming back at the other. */
function roll(c: RuleContext): Value {
  const [value, shift] = [c.input(0), c.input(1)];
  const axes = c.ints(2, "its axes");
  c.requireRank(value);
  const shifts = asList(c, shift);
  const name = axes.reduce((rolled, axis, i) => {
    const size = sizeAt(c, value, axis);
    const from = c.emit("Sub", [upTo(c, size), c.emit("Gather", [shifts, c.int64([i])])]);
    const modulus = c.emit("Max", [size, c.int64([1])]);
    return c.emit("Gather", [rolled, c.emit("Mod", [from, modulus])], { axis });
  }, c.plain(value));
  return c.value(name, value.shape);
}

export const gatheringRules: Rules = {
  Gather: (c) => gather(c, 0),
  GatherV2: (c) => gather(c, c.int(2, "its axis")),
  ResourceGather: (c) => gather(c, 0),
  GatherNd: gatherNd,
  ResourceGatherNd: gatherNd,
  OneHot: oneHot,
  ReverseSequence: reverseSequence,
  ReverseV2: (c) => reverse(c, c.input(0), c.ints(1, "its axes")),
  Reverse: (c) => {
    const flags = Array.from(c.known(1, "its dimensions").data as ArrayLike<unknown>, Boolean);
    return reverse(
      c,
      c.input(0),
      flags.flatMap((flag, axis) => (flag ? [axis] : [])),
    );
  },
  Roll: roll,
};
