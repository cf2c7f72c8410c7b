import { unless } from "../checked.js";
import type { RuleContext, Rules } from "../rule.js";
import { asInt64 } from "../sizes.js";
import type { Value } from "../value.js";
import {
  channelsFirst,
  channelsOf,
  explicitPads,
  failWhereTooLarge,
  type Layout,
  layoutOf,
  padding,
  slidAlong,
  windowAttribute,
  windowed,
} from "../window.js";

/** The filter's sizes: those of the window, the channels it takes and those it gives. */
function filterShape(c: RuleContext, filter: Value, dimensions: number): readonly number[] {
  const { shape } = filter;
  if (shape === null || shape.includes(-1)) return c.refuse("the shape of its filter is not known");
  c.requireRank(filter, dimensions + 2);
  return shape;
}

/** ONNX has a filter's channels before its window, those it gives first. */
const channelsBeforeWindow = (c: RuleContext, filter: Value, { dimensions }: Layout) =>
  c.emit("Transpose", [filter], {
    perm: [dimensions + 1, dimensions, ...Array.from({ length: dimensions }, (_, d) => d)],
  });

/**
 * An image with a multiple of the filter's channels is convolved in groups. Where its channels are not known, those that the
 * signature declares count: ONNX Runtime refuses others.
 */
function groupsOf(c: RuleContext, value: Value, layout: Layout, taken: number): number {
  const known = channelsOf(value, layout);
  const channels = known === -1 ? channelsOf({ shape: value.declared ?? null }, layout) : known;
  if (channels === -1) return 1;
  return channels % taken === 0
    ? channels / taken
    : c.refuse(`its filter takes ${taken} channels, its input has ${channels}`);
}

function convolution(c: RuleContext, dimensions: number): Value {
  const [value, filter] = [c.input(0), c.input(1)];
  const layout = layoutOf(c, dimensions);
  const shape = filterShape(c, filter, dimensions);
  const [kernel_shape, taken, given] = [shape.slice(0, -2), shape.at(-2)!, shape.at(-1)!];
  const [strides, dilations] = [windowAttribute(c, "strides", layout), windowAttribute(c, "dilations", layout)];
  const pads = padding(c, layout, kernel_shape, strides, dilations);
  const group = groupsOf(c, value, layout, taken);
  const image = channelsFirst(c, layout, value);
  failWhereTooLarge(c, image, kernel_shape, strides, dilations, pads);
  const weights = channelsBeforeWindow(c, filter, layout);
  const name = c.emit("Conv", [image, weights], { kernel_shape, strides, dilations, group, ...pads });
  return windowed(c, layout, name, given);
}

function depthwise(c: RuleContext): Value {
  const [value, filter] = [c.input(0), c.input(1)];
  const layout = layoutOf(c, 2);
  const [kh, kw, channels, multiplier] = filterShape(c, filter, 2) as [number, number, number, number];
  const kernel_shape = [kh, kw];
  const [strides, dilations] = [windowAttribute(c, "strides", layout), windowAttribute(c, "dilations", layout)];
  const pads = padding(c, layout, kernel_shape, strides, dilations);
  const turned = c.emit("Transpose", [filter], { perm: [2, 3, 0, 1] });
  const out = channels * multiplier;
  const weights = c.emit("Reshape", [turned, c.int64([out, 1, kh, kw])]);
  const image = channelsFirst(c, layout, value);
  failWhereTooLarge(c, image, kernel_shape, strides, dilations, pads);
  const name = c.emit("Conv", [image, weights], { kernel_shape, strides, dilations, group: channels, ...pads });
  return windowed(c, layout, name, out);
}

type Window = { readonly sizes: readonly number[]; readonly strides: readonly number[] };

/** How many rows a convolution makes of `out` rows, which TensorFlow checks; `out` and the result are int64 lists. */
function convolvedSize(c: RuleContext, kind: string, out: string, pads: readonly number[], window: Window): string {
  const { sizes, strides } = window;
  const n = sizes.length;
  const spare = sizes.map((size, d) => (kind === "SAME" ? 1 : size - pads[d]! - pads[n + d]!));
  const stepped = c.emit("Add", [out, c.int64(strides.map((stride, d) => stride - spare[d]!))]);
  return c.emit("Div", [stepped, c.int64(strides)]);
}

/**
 * The gradient of a convolution, that is a transposed one: every pixel paints a window. TensorFlow says how large the
 * result is, and so where the painted area is cut or filled up with zeros.
 */
function transposed(c: RuleContext, dimensions: number): Value {
  const [sizes, filter, value] = [c.input(0), c.input(1), c.input(2)];
  const layout = layoutOf(c, dimensions);
  const shape = filterShape(c, filter, dimensions);
  const kernel_shape = shape.slice(0, -2);
  const given = shape.at(-2)!;
  const [strides, dilations] = [windowAttribute(c, "strides", layout), windowAttribute(c, "dilations", layout)];
  const window = { sizes: kernel_shape.map((size, d) => (size - 1) * dilations[d]! + 1), strides };
  const kind = c.attrs.text("padding");
  const fixed = kind === "EXPLICIT" ? explicitPads(c, layout) : new Array<number>(2 * dimensions).fill(0);

  const image = channelsFirst(c, layout, value);
  const length = sizes.shape?.[0] ?? -1;
  const along = length === dimensions ? slidAlong(layout).map((_, d) => d) : slidAlong(layout);
  const out = c.emit("Gather", [asInt64(c, sizes), c.int64(along)]);
  const own = c.emit("Slice", [c.emit("Shape", [image]), c.int64([2]), c.int64([dimensions + 2])]);
  const wrong = c.emit("Not", [c.emit("Equal", [own, convolvedSize(c, kind, out, fixed, window)])]);
  const painted = c.emit("ConvTranspose", [unless(c, wrong, image), channelsBeforeWindow(c, filter, layout)], {
    kernel_shape,
    strides,
    dilations,
  });
  const full = c.emit("Slice", [c.emit("Shape", [painted]), c.int64([2]), c.int64([dimensions + 2])]);
  const over = c.emit("Max", [c.emit("Sub", [full, out]), c.int64(0)]);
  const before = kind === "SAME" ? c.emit("Div", [over, c.int64(2)]) : c.int64(fixed.slice(0, dimensions));
  const end = c.emit("Add", [before, out]);
  const missing = c.emit("Max", [c.emit("Sub", [end, full]), c.int64(0)]);
  const zeros = c.int64(new Array<number>(dimensions + 4).fill(0));
  const filled = c.emit("Pad", [painted, c.emit("Concat", [zeros, missing], { axis: 0 })]);
  const axes = c.int64(Array.from({ length: dimensions }, (_, d) => d + 2));
  return windowed(c, layout, c.emit("Slice", [filled, before, end, axes]), given);
}

export const convolutionRules: Rules = {
  Conv2D: (c) => convolution(c, 2),
  Conv3D: (c) => convolution(c, 3),
  DepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: (c) => transposed(c, 2),
  Conv3DBackpropInputV2: (c) => transposed(c, 3),
};
