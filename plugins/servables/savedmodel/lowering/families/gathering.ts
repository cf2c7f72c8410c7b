import type { Nested } from "../../onnx/graph.js";
import type { Builder } from "../builder.js";
import { countedFromTheEnd } from "../patterns/from-the-end.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

/**
 * Indices for an ONNX operator that takes negative ones from the end, where TensorFlow does not: they become `size`,
 * which is one too many.
 */
function withoutNegative(c: RuleContext, indices: Value, size: string): string {
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
  if (c.attrs.int("batch_dims", 0) !== 0) c.refuse("it gathers batch by batch (batch_dims)");
  const rank = table.shape?.length ?? 0;
  const at = axis < 0 ? axis + rank : axis;
  const own = countedFromTheEnd(indices, table.constant?.shape[at] ?? -1);
  const checked = own ? c.plain(own) : withoutNegative(c, indices, sizeOf(c, table, axis, indices));
  const shape = table.shape &&
    indices.shape && [...table.shape.slice(0, at), ...indices.shape, ...table.shape.slice(at + 1)];
  return c.value(c.emit("Gather", [table, checked], { axis }), shape);
}

function oneHot(c: RuleContext): Value {
  const indices = c.input(0);
  const axis = c.attrs.int("axis", -1);
  const depth = c.emit("Cast", [c.input(1)], { to: c.onnxType(indices.dtype) });
  const rows = [c.input(3), c.input(2)].map((value) => c.emit("Unsqueeze", [value, c.int64([0])]));
  const name = c.emit("OneHot", [withoutNegative(c, indices, depth), depth, c.emit("Concat", rows, { axis: 0 })], {
    axis,
  });
  const shape = indices.shape?.slice() ?? null;
  shape?.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, -1);
  return c.value(name, shape);
}

/** The k largest of each row and where they stand. Where there are no rows, ONNX Runtime's TopK divides by zero and ends the process. */
function largest(c: RuleContext, value: Value, k: number): readonly string[] {
  const { name } = c.node;
  const [x, count] = [c.plain(value), c.int64([k])];
  const [some, none] = [c.builder.nested(), c.builder.nested()];
  const ends = (inner: Builder, names: readonly string[]): Nested => {
    const dtypes = [value.dtype, "int64"] as const;
    const outputs = names.map((each, i) => ({ name: inner.emit(name, "Identity", [each])[0]!, dtype: dtypes[i]! }));
    return { graph: inner.build([], outputs) };
  };
  const sorted = some.emit(name, "TopK", [x, count], { axis: -1, largest: 1, sorted: 1 }, 2);
  const [empty] = none.emit(name, "Slice", [x, c.int64([0]), count, c.int64([-1])]);
  const nowhere = none.emit(name, "Cast", [empty!], { to: c.onnxType("int64") });
  const hasRows = c.emit("Cast", [c.emit("Size", [x])], { to: c.onnxType("bool") });
  const branches = { then_branch: ends(some, sorted), else_branch: ends(none, [empty!, ...nowhere]) };
  return c.emitMany("If", [hasRows], branches, 2);
}

function topK(c: RuleContext): readonly Value[] {
  const value = c.input(0);
  const k = c.int(1, "its k");
  if (!c.attrs.flag("sorted", true)) c.refuse("it leaves its results unsorted");
  const [values, indices] = largest(c, value, k);
  const shape = value.shape && [...value.shape.slice(0, -1), k];
  const cast = c.dtypes[1] === "int64" ? indices! : c.emit("Cast", [indices!], { to: c.onnxType(c.dtypes[1]!) });
  return [c.value(values!, shape), c.value(cast, shape, { output: 1 })];
}

export const gatheringRules: Rules = {
  Gather: (c) => gather(c, 0),
  GatherV2: (c) => gather(c, c.int(2, "its axis")),
  ResourceGather: (c) => gather(c, 0),
  OneHot: oneHot,
  TopKV2: topK,
};
