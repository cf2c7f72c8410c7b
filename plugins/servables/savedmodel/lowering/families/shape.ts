import { elementCount } from "../../../../../core/index.js";
import { unless } from "../checked.js";
import { reshaped } from "../constant.js";
import { isImage } from "../image.js";
import { keptSizes } from "../patterns/sizes.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { asInt64, asList, numbers, upTo } from "../sizes.js";
import type { Shape, Value } from "../value.js";
import { filledWith } from "./scattering.js";

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
  const kept = keptSizes(value, wanted);
  if (kept) {
    const shape = kept.map((size) => (size === 0 ? -1 : size));
    return c.value(c.emit("Reshape", [value, c.int64(kept)]), shape, { certain: true });
  }
  const name = c.emit("Reshape", [value, asInt64(c, wanted)], { allowzero: 1 });
  return c.value(name, shapeFrom(wanted), { certain: wanted.from.size === 0 });
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
  const items = () => c.inputs.map((value) => (value.constant ? numbers(value)[0]! : (value.known?.[0] ?? -1)));
  return scalars ? { ...result, known: items() } : result;
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

const filled =
  (value: number): Rule =>
  (c) => {
    const input = c.input(0);
    return c.value(filledWith(c, c.emit("Shape", [input]), c.dtypes[0]!, value), input.shape);
  };

/** What a list of sizes, known or not, says of the shape that it is. */
function shapeFrom(sizes: Value): Shape {
  if (sizes.constant) return numbers(sizes);
  const length = sizes.shape?.length === 1 ? sizes.shape[0]! : -1;
  return length === -1 ? null : (sizes.known ?? new Array<number>(length).fill(-1));
}

function fill(c: RuleContext): Value {
  const [sizes, value] = [c.input(0), c.input(1)];
  return c.value(c.emit("Expand", [value, asInt64(c, sizes)]), shapeFrom(sizes));
}

/** ONNX would also stretch what the shape asks for to what the tensor has. */
function broadcastTo(c: RuleContext): Value {
  const [value, sizes] = [c.input(0), c.input(1)];
  const wanted = asInt64(c, sizes);
  const name = c.emit("Expand", [value, wanted]);
  const shape = shapeFrom(sizes);
  if (c.rank(value) === 0) return c.value(name, shape);
  const other = c.emit("Not", [c.emit("Equal", [c.emit("Shape", [name]), wanted])]);
  return c.value(unless(c, other, name), shape);
}

/** The shape that two shapes broadcast to. */
function broadcastArgs(c: RuleContext): Value {
  const [x, y] = [c.input(0), c.input(1)];
  for (const value of [x, y]) c.requireRank(value, 1);
  const lengths = [x, y].map((value) => value.shape![0]!);
  if (lengths.includes(-1)) return c.refuse("the rank that it broadcasts to is not known before the model runs");
  const length = Math.max(...lengths);
  const [one, two] = [x, y].map((value, i) => {
    const missing = new Array<number>(length - lengths[i]!).fill(1);
    return missing.length === 0
      ? asInt64(c, value)
      : c.emit("Concat", [c.int64(missing), asInt64(c, value)], { axis: 0 });
  });
  const stretches = (name: string) => c.emit("Equal", [name, c.int64(1)]);
  const fits = c.emit("Or", [c.emit("Equal", [one!, two!]), c.emit("Or", [stretches(one!), stretches(two!)])]);
  const name = c.emit("Where", [stretches(one!), two!, one!]);
  return c.value(counted(c, unless(c, c.emit("Not", [fits]), name)), [length]);
}

/** Numbers at equal distances, the last of them exact. */
function linSpace(c: RuleContext): Value {
  const [start, stop] = [c.input(0), c.input(1)];
  const dtype = c.dtypes[0]!;
  const given = asList(c, c.input(2));
  const count = unless(c, c.emit("Less", [given, c.int64([1])]), given);
  const last = c.emit("Sub", [count, c.int64([1])]);
  const number = (name: string) => c.emit("Cast", [name], { to: c.onnxType(dtype) });
  const steps = number(c.emit("Max", [last, c.int64([1])]));
  const places = upTo(c, count);
  const step = c.emit("Div", [c.emit("Sub", [stop, start]), steps]);
  const line = c.emit("Add", [start, c.emit("Mul", [number(places), step])]);
  const isLast = c.emit("And", [c.emit("Equal", [places, last]), c.emit("Greater", [places, c.int64(0)])]);
  return c.value(c.emit("Where", [isLast, stop, line]), [-1], { certain: true });
}

/** Its input, of the shape that the node demands. */
function ensureShape(c: RuleContext): Value {
  const value = c.input(0);
  const wanted = c.attrs.shape("shape");
  if (wanted === null) return value;
  if (value.constant && wanted.length === value.constant.shape.length && !wanted.includes(-1)) return value;
  const sizes = c.emit("Shape", [value]);
  const fixed = wanted.flatMap((size, d) => (size === -1 ? [] : [d]));
  const rank = c.emit("Not", [c.emit("Equal", [c.emit("Size", [sizes]), c.int64(wanted.length)])]);
  const checked = unless(c, rank, value);
  const own = c.emit("Gather", [sizes, c.int64(fixed)]);
  const wrong = c.emit("Not", [c.emit("Equal", [own, c.int64(fixed.map((d) => wanted[d]!))])]);
  const name = fixed.length > 0 ? unless(c, wrong, checked) : checked;
  return c.value(name, wanted, { certain: true });
}

/** Where the elements of that number stand in a tensor of that shape. */
function unravelIndex(c: RuleContext): Value {
  const [indices, sizes] = [c.input(0), c.input(1)];
  const rank = sizes.shape?.length === 1 ? sizes.shape[0]! : -1;
  if (rank < 1) return c.refuse("the rank that it counts in is not known before the model runs");
  const dims = asInt64(c, sizes);
  const given = asInt64(c, indices);
  const count = c.emit("ReduceProd", [dims], { keepdims: 0 });
  const outside = c.emit("Or", [c.emit("Less", [given, c.int64(0)]), c.emit("GreaterOrEqual", [given, count])]);
  let rest = unless(c, outside, given);
  const places: string[] = [];
  for (let d = rank - 1; d >= 0; d--) {
    const size = c.emit("Max", [c.emit("Gather", [dims, c.int64(d)]), c.int64(1)]);
    places.unshift(c.emit("Unsqueeze", [c.emit("Mod", [rest, size]), c.int64([0])]));
    rest = c.emit("Div", [rest, size]);
  }
  const shape = indices.shape && [rank, ...indices.shape];
  return c.value(counted(c, c.emit("Concat", places, { axis: 0 })), shape);
}

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
  Fill: fill,
  Empty: (c) => {
    c.attrs.flag("init", false);
    return c.value(filledWith(c, asInt64(c, c.input(0)), c.dtypes[0]!, 0), shapeFrom(c.input(0)));
  },
  BroadcastTo: broadcastTo,
  BroadcastArgs: broadcastArgs,
  LinSpace: linSpace,
  EnsureShape: ensureShape,
  UnravelIndex: unravelIndex,
  ConjugateTranspose: transpose,
  Tile: (c) => {
    const value = c.input(0);
    return c.value(c.emit("Tile", [value, asInt64(c, c.input(1))]), value.shape?.map(() => -1) ?? null);
  },
  Range: (c) => c.value(c.emit("Range", [c.input(0), c.input(1), c.input(2)]), [-1], { certain: true }),
};
