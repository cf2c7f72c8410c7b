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

function split(c: RuleContext, value: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  if (sizes.length === 1) return [value];
  const names = c.emitMany("Split", [value, c.int64(sizes)], { axis }, sizes.length);
  return names.map((name, output) => {
    const shape = value.shape?.slice() ?? null;
    if (shape) shape[axis < 0 ? axis + shape.length : axis] = sizes[output]!;
    return c.value(name, shape, { output });
  });
}

function evenSplit(c: RuleContext): readonly Value[] {
  const [axis, value, count] = [c.int(0, "its axis"), c.input(1), c.attrs.int("num_split")];
  const size = value.shape?.[axis < 0 ? axis + value.shape.length : axis] ?? -1;
  // ONNX would make the last part smaller where TensorFlow refuses; known sizes make it refuse too.
  if (size === -1 && count > 1) c.refuse("the size of the dimension it splits is not known");
  if (size % count !== 0) c.refuse(`it splits a dimension of ${size} into ${count}`);
  return split(c, value, axis, new Array<number>(count).fill(size / count));
}

function unevenSplit(c: RuleContext): readonly Value[] {
  const [value, sizes, axis] = [c.input(0), c.ints(1, "its sizes"), c.int(2, "its axis")];
  c.attrs.int("num_split");
  if (!sizes.includes(-1)) return split(c, value, axis, sizes);
  const size = value.shape?.[axis < 0 ? axis + value.shape.length : axis] ?? -1;
  if (size === -1) return c.refuse("one of its sizes depends on a dimension that is not known");
  const rest = size - sizes.reduce((sum, each) => sum + Math.max(each, 0), 0);
  return split(
    c,
    value,
    axis,
    sizes.map((each) => (each === -1 ? rest : each)),
  );
}

function pad(c: RuleContext, mode: string, fill: string): Value {
  const value = c.input(0);
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

export const joiningRules: Rules = {
  ConcatV2: (c) => concat(c, c.inputs.slice(0, -1), c.int(c.inputs.length - 1, "its axis")),
  Concat: (c) => concat(c, c.inputs.slice(1), c.int(0, "its axis")),
  Split: evenSplit,
  SplitV: unevenSplit,
  Pad: (c) => pad(c, "constant", ""),
  PadV2: (c) => pad(c, "constant", c.plain(c.input(2))),
  MirrorPad: (c) => {
    const mode = c.attrs.text("mode");
    return mode === "REFLECT" ? pad(c, "reflect", "") : c.refuse(`it mirrors in mode ${mode}`);
  },
};
