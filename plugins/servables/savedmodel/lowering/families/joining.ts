import { CHANNELS_FIRST_AXIS, isImage } from "../image.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Shape, Value } from "../value.js";

function joined(shapes: readonly Shape[], axis: number): Shape {
  const [first] = shapes;
  if (!first) return null;
  const at = axis < 0 ? axis + first.length : axis;
  return first.map((size, d) => {
    const sizes = shapes.map((shape) => shape?.[d] ?? -1);
    if (d === at) return sizes.includes(-1) ? -1 : sizes.reduce((sum, each) => sum + each, 0);
    return size === -1 ? Math.max(...sizes) : size;
  });
}

function concat(c: RuleContext, values: readonly Value[], axis: number): Value {
  const shape = joined(
    values.map((value) => value.shape),
    axis,
  );
  if (values.length === 1) return values[0]!;
  if (values.every(isImage)) {
    const place = CHANNELS_FIRST_AXIS[axis < 0 ? axis + 4 : axis]!;
    return c.image(c.emit("Concat", values.map(c.channelsFirst), { axis: place }), shape);
  }
  const result = c.value(c.emit("Concat", values, { axis }), shape);
  const parts = values.map(({ known, constant }) =>
    constant?.dtype.startsWith("int") ? Array.from(constant.value().data as ArrayLike<number | bigint>, Number) : known,
  );
  return parts.every((part) => part !== undefined) && shape?.length === 1 ? { ...result, known: parts.flat() } : result;
}

/** Parts of these sizes: -1 where one is only known when the model runs, and `computed` is then the list of them all. */
function split(
  c: RuleContext,
  value: Value,
  axis: number,
  sizes: readonly number[],
  computed = c.int64(sizes),
): readonly Value[] {
  if (sizes.length === 1) return [value];
  const names = c.emitMany("Split", [value, computed], { axis }, sizes.length);
  return names.map((name, output) => {
    const shape = value.shape?.slice() ?? null;
    if (shape) shape[axis < 0 ? axis + shape.length : axis] = sizes[output]!;
    return c.value(name, shape, { output });
  });
}

const knownSize = ({ shape }: Value, axis: number) => shape?.[axis < 0 ? axis + shape.length : axis] ?? -1;
/** The size of a dimension as the model runs, as a list of one. */
const sizeOf = (c: RuleContext, value: Value, axis: number) =>
  c.emit("Gather", [c.emit("Shape", [value]), c.int64([axis])]);

function evenSplit(c: RuleContext): readonly Value[] {
  const [axis, value, count] = [c.int(0, "its axis"), c.input(1), c.attrs.int("num_split")];
  const size = knownSize(value, axis);
  if (size % count !== 0 && size !== -1) c.refuse(`it splits a dimension of ${size} into ${count}`);
  if (size !== -1) return split(c, value, axis, new Array<number>(count).fill(size / count));
  // Told only the number of parts, ONNX makes the last one smaller where TensorFlow refuses; told sizes, it refuses too.
  const part = c.emit("Div", [sizeOf(c, value, axis), c.int64(count)]);
  return split(c, value, axis, new Array<number>(count).fill(-1), c.emit("Expand", [part, c.int64([count])]));
}

function unevenSplit(c: RuleContext): readonly Value[] {
  const [value, sizes, axis] = [c.input(0), c.ints(1, "its sizes"), c.int(2, "its axis")];
  c.attrs.int("num_split");
  const open = sizes.indexOf(-1);
  if (open === -1) return split(c, value, axis, sizes);
  const others = sizes.reduce((sum, each) => sum + Math.max(each, 0), 0);
  const size = knownSize(value, axis);
  if (size !== -1) return split(c, value, axis, sizes.with(open, size - others));
  const rest = c.emit("Sub", [sizeOf(c, value, axis), c.int64(others)]);
  const parts = [c.int64(sizes.slice(0, open)), rest, c.int64(sizes.slice(open + 1))];
  return split(c, value, axis, sizes, c.emit("Concat", parts, { axis: 0 }));
}

/** Pads that are computed: a row a dimension, where ONNX has those before all dimensions first. */
function computedPad(c: RuleContext, mode: string, fill: string): Value {
  const [value, paddings] = [c.input(0), c.input(1)];
  const rows = c.emit("Transpose", [c.emit("Cast", [paddings], { to: c.onnxType("int64") })], { perm: [1, 0] });
  const pads = c.emit("Reshape", [rows, c.int64([-1])]);
  return c.value(c.emit("Pad", [value, pads, fill], { mode }), value.shape?.map(() => -1) ?? null);
}

function pad(c: RuleContext, mode: string, fill: string): Value {
  const value = c.input(0);
  if (!c.input(1).constant) return computedPad(c, mode, fill);
  const pairs = c.ints(1, "its paddings");
  const rank = pairs.length / 2;
  if ((c.rank(value) ?? rank) !== rank) c.refuse(`its paddings do not fit the shape [${value.shape}]`);
  const order = isImage(value) ? [0, 3, 1, 2] : Array.from({ length: rank }, (_, d) => d);
  const pads = c.int64([...order.map((d) => pairs[2 * d]!), ...order.map((d) => pairs[2 * d + 1]!)]);
  const shape = Array.from({ length: rank }, (_, d) => {
    const size = value.shape?.[d] ?? -1;
    return size === -1 ? -1 : size + pairs[2 * d]! + pairs[2 * d + 1]!;
  });
  if (isImage(value)) return c.image(c.emit("Pad", [c.channelsFirst(value), pads, fill], { mode }), shape);
  return c.value(c.emit("Pad", [value, pads, fill], { mode }), shape);
}

/** Both ends mirrored with their outermost items, which ONNX's own mirror leaves out. */
function symmetricPad(c: RuleContext): Value {
  const value = c.input(0);
  const pairs = c.ints(1, "its paddings");
  c.requireRank(value, pairs.length / 2);
  const shape = value.shape!.map((size, d) => (size === -1 ? -1 : size + pairs[2 * d]! + pairs[2 * d + 1]!));
  const name = shape.reduce((given, _, axis) => {
    const [before, after] = [pairs[2 * axis]!, pairs[2 * axis + 1]!];
    if (before === 0 && after === 0) return given;
    const size = sizeOf(c, value, axis);
    const end = c.emit("Squeeze", [c.emit("Add", [size, c.int64([after])]), c.int64([0])]);
    const places = c.emit("Range", [c.int64(-before), end, c.int64(1)]);
    const twice = c.emit("Add", [size, c.emit("Sub", [size, c.int64([1])])]);
    const behind = c.emit("GreaterOrEqual", [places, size]);
    const inside = c.emit("Where", [behind, c.emit("Sub", [twice, places]), places]);
    const ahead = c.emit("Less", [places, c.int64(0)]);
    const mirrored = c.emit("Where", [ahead, c.emit("Sub", [c.int64(-1), places]), inside]);
    // More than there is to mirror is out of range, as it is in TensorFlow.
    const missing = c.emit("Less", [mirrored, c.int64(0)]);
    return c.emit("Gather", [given, c.emit("Where", [missing, size, mirrored])], { axis });
  }, c.plain(value));
  return c.value(name, shape);
}

export const joiningRules: Rules = {
  ConcatV2: (c) => concat(c, c.inputs.slice(0, -1), c.int(c.inputs.length - 1, "its axis")),
  Concat: (c) => concat(c, c.inputs.slice(1), c.int(0, "its axis")),
  Split: evenSplit,
  SplitV: unevenSplit,
  Pad: (c) => pad(c, "constant", ""),
  PadV2: (c) => pad(c, "constant", c.plain(c.input(2))),
  MirrorPad: (c) => {
    const mode = c.attrs.text("mode");
    if (mode === "SYMMETRIC") return symmetricPad(c);
    return mode === "REFLECT" ? pad(c, "reflect", "") : c.refuse(`it mirrors in mode ${mode}`);
  },
};
