import { elementCount } from "../../../../../core/index.js";
import type { Fill } from "../../onnx/graph.js";
import { reshaped } from "../constant.js";
import { scalarConstant } from "../context.js";
import { isImage } from "../image.js";
import { keptSizes } from "../patterns/sizes.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import type { Shape, Value } from "../value.js";

/** int64 as ONNX wants its shapes, whatever TensorFlow counts them in. */
function asInt64(c: RuleContext, value: Value): string {
  if (value.constant) return c.int64(numbers(value) as readonly number[]);
  return value.dtype === "int64" ? c.plain(value) : c.emit("Cast", [value], { to: c.onnxType("int64") });
}

const numbers = (value: Value): readonly number[] =>
  Array.from((value.constant?.value().data ?? []) as ArrayLike<number | bigint>, Number);

/** An int64 result in the dtype that TensorFlow gives it. */
function counted(c: RuleContext, name: string): string {
  const [dtype = "int64"] = c.dtypes;
  return dtype === "int64" ? name : c.emit("Cast", [name], { to: c.onnxType(dtype) });
}

function reshape(c: RuleContext): Value {
  const [value, wanted] = [c.input(0), c.input(1)];
  if (wanted.constant) {
    const shape = numbers(wanted);
    const count = value.constant && elementCount(value.constant.shape);
    const fixed = shape.map((size) => (size === -1 ? (count ?? 0) / Math.max(1, -elementCount(shape)) : size));
    if (value.constant && elementCount(fixed) === count) return c.result(reshaped(value.constant, fixed));
    return c.value(c.emit("Reshape", [value, c.int64(shape)], { allowzero: 1 }), shape, { certain: true });
  }
  const length = wanted.shape?.length === 1 ? wanted.shape[0]! : -1;
  const shape = length === -1 ? null : (wanted.known ?? new Array<number>(length).fill(-1));
  const kept = keptSizes(value, wanted);
  if (kept) return c.value(c.emit("Reshape", [value, c.int64(kept)]), shape, { certain: wanted.from.size === 0 });
  const name = c.emit("Reshape", [value, asInt64(c, wanted)], { allowzero: 1 });
  return c.value(name, shape, { certain: wanted.from.size === 0 });
}

function shapeOf(c: RuleContext, value: Value, output = 0): Value {
  const name = isImage(value)
    ? c.emit("Gather", [c.emit("Shape", [c.channelsFirst(value)]), c.int64([0, 2, 3, 1])])
    : c.emit("Shape", [value]);
  const { shape } = value;
  const result = c.value(counted(c, name), shape && [shape.length], { output });
  return shape ? { ...result, known: shape } : result;
}

function squeeze(c: RuleContext): Value {
  const value = c.input(0);
  const axes = c.attrs.ints("squeeze_dims", []);
  const shape = squeezed(value.shape, axes);
  if (value.constant && shape) return c.result(reshaped(value.constant, shape));
  if (axes.length === 0) return c.value(c.emit("Squeeze", [value]), shape);
  return c.value(c.emit("Squeeze", [value, c.int64(axes)]), shape);
}

function squeezed(shape: Shape, axes: readonly number[]): Shape {
  if (shape === null || (axes.length === 0 && shape.includes(-1))) return null;
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return shape.filter((size, d) => (axes.length === 0 ? size !== 1 : !gone.has(d)));
}

function expandDims(c: RuleContext): Value {
  const value = c.input(0);
  const axis = c.int(1, "its axis");
  const shape = value.shape?.slice() ?? null;
  shape?.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
  if (value.constant && shape) return c.result(reshaped(value.constant, shape));
  return c.value(c.emit("Unsqueeze", [value, c.int64([axis])]), shape);
}

function transpose(c: RuleContext): Value {
  const value = c.input(0);
  const perm = c.ints(1, "its permutation");
  const rank = value.shape?.length ?? perm.length;
  const axes = perm.map((axis) => (axis < 0 ? axis + perm.length : axis));
  if (rank !== axes.length) c.refuse(`its permutation [${perm}] does not fit the shape [${value.shape}]`);
  const shape = axes.map((axis) => value.shape?.[axis] ?? -1);
  if (isImage(value) && axes.join() === "0,3,1,2") return c.value(c.channelsFirst(value), shape);
  return c.value(c.emit("Transpose", [value], { perm: axes }), shape, { certain: true });
}

function pack(c: RuleContext): Value {
  const axis = c.attrs.int("axis", 0);
  const count = c.attrs.int("N", c.inputs.length);
  const rows = c.inputs.map((value) => c.emit("Unsqueeze", [value, c.int64([axis])]));
  const shape = c.input(0).shape?.slice() ?? null;
  shape?.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, count);
  const result = c.value(c.emit("Concat", rows, { axis }), shape);
  // A list of sizes whose constant parts are known: most often the shape for a Reshape.
  const scalars = c.inputs.every((value) => value.shape?.length === 0 && value.dtype.startsWith("int"));
  return scalars ? { ...result, known: c.inputs.map((value) => (value.constant ? numbers(value)[0]! : -1)) } : result;
}

function unpack(c: RuleContext): readonly Value[] {
  const axis = c.attrs.int("axis", 0);
  const count = c.attrs.int("num");
  const value = c.input(0);
  const shape = value.shape?.slice() ?? null;
  shape?.splice(axis < 0 ? axis + shape.length : axis, 1);
  const sizes = c.int64(new Array<number>(count).fill(1));
  const parts = count === 0 ? [] : c.emitMany("Split", [value, sizes], { axis }, count);
  return parts.map((part, output) => c.value(c.emit("Squeeze", [part, c.int64([axis])]), shape, { output }));
}

const filled = (value: number): Rule => {
  return (c) => {
    const input = c.input(0);
    const one = { ...scalarConstant(c.dtypes[0]!, value) };
    const fill: Fill = { tensor: reshaped(one, [1]) };
    return c.value(c.emit("ConstantOfShape", [c.emit("Shape", [input])], { value: fill }), input.shape);
  };
};

export const shapeRules: Rules = {
  Reshape: reshape,
  Shape: (c) => shapeOf(c, c.input(0)),
  ShapeN: (c) => c.inputs.map((value, output) => shapeOf(c, value, output)),
  Size: (c) => c.value(counted(c, c.emit("Size", [c.input(0)])), []),
  Rank: (c) => c.value(counted(c, c.emit("Size", [c.emit("Shape", [c.input(0)])])), [], { certain: true }),
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Transpose: transpose,
  Pack: pack,
  Unpack: unpack,
  ZerosLike: filled(0),
  OnesLike: filled(1),
  Fill: (c) => {
    const [dims, value] = [c.input(0), c.input(1)];
    const length = dims.shape?.length === 1 ? dims.shape[0]! : -1;
    const shape = dims.constant ? numbers(dims) : length === -1 ? null : new Array<number>(length).fill(-1);
    return c.value(c.emit("Expand", [value, asInt64(c, dims)]), shape);
  },
  Tile: (c) => {
    const value = c.input(0);
    return c.value(c.emit("Tile", [value, asInt64(c, c.input(1))]), value.shape?.map(() => -1) ?? null);
  },
  Range: (c) => c.value(c.emit("Range", [c.input(0), c.input(1), c.input(2)]), [-1], { certain: true }),
};
