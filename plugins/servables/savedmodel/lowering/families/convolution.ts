import type { Attribute } from "../../onnx/graph.js";
import { float } from "../../onnx/graph.js";
import type { RuleContext, Rules } from "../rule.js";
import { isFloat, type Value } from "../value.js";
import { elementwise } from "./elementwise.js";
import { biased } from "./matmul.js";

type Layout = "NHWC" | "NCHW";

function layoutOf(c: RuleContext): Layout {
  const format = c.attrs.text("data_format", "NHWC");
  return format === "NHWC" || format === "NCHW" ? format : c.refuse(`its data_format is ${format}`);
}

/** The rows' and columns' numbers out of a list of four; the other two must be 1. */
function spatial(c: RuleContext, name: string, layout: Layout, fallback?: readonly number[]): [number, number] {
  const list = c.attrs.ints(name, fallback);
  const [others, [h, w]] =
    layout === "NHWC"
      ? ([
          [0, 3],
          [1, 2],
        ] as const)
      : ([
          [0, 1],
          [2, 3],
        ] as const);
  if (list.length !== 4 || others.some((d) => list[d] !== 1)) c.refuse(`its ${name} are [${list}]`);
  return [list[h]!, list[w]!];
}

/** TensorFlow's padding in ONNX's words. `kernel` is the window's size before dilation. */
function padding(
  c: RuleContext,
  layout: Layout,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Readonly<Record<string, Attribute>> {
  const kind = c.attrs.text("padding");
  if (kind === "VALID") return {};
  if (kind === "EXPLICIT") {
    const list = c.attrs.ints("explicit_paddings");
    const [h, w] = layout === "NHWC" ? [2, 4] : [4, 6];
    return { pads: [list[h]!, list[w]!, list[h + 1]!, list[w + 1]!] };
  }
  if (kind !== "SAME") return c.refuse(`its padding is ${kind}`);
  if (strides.every((stride) => stride === 1)) {
    const total = kernel.map((size, d) => (size - 1) * dilations[d]!);
    const before = total.map((size) => Math.floor(size / 2));
    return { pads: [...before, ...total.map((size, d) => size - before[d]!)] };
  }
  if (dilations.some((rate) => rate !== 1)) c.refuse("it strides and dilates at once");
  return { auto_pad: "SAME_UPPER" };
}

/** Puts an operator on images into ONNX, which wants channels first; the result keeps them there. */
function onImages(
  c: RuleContext,
  layout: Layout,
  value: Value,
  channels: number,
  write: (image: string) => string,
): Value {
  c.requireRank(value, 4);
  if (layout === "NCHW") return c.value(write(c.plain(value)), [-1, channels, -1, -1], { certain: true });
  return c.image(write(c.channelsFirst(value)), [-1, -1, -1, channels], { certain: true });
}

const channelsOf = (value: Value, layout: Layout) => value.shape?.[layout === "NHWC" ? 3 : 1] ?? -1;

function conv2d(c: RuleContext): Value {
  const [value, filter] = [c.input(0), c.input(1)];
  const layout = layoutOf(c);
  const [kh, kw, , out] = filterShape(c, filter);
  const strides = spatial(c, "strides", layout);
  const dilations = spatial(c, "dilations", layout, [1, 1, 1, 1]);
  const pads = padding(c, layout, [kh, kw], strides, dilations);
  const weights = c.emit("Transpose", [filter], { perm: [3, 2, 0, 1] });
  const group = groupsOf(c, value, filter, layout);
  return onImages(c, layout, value, out, (image) =>
    c.emit("Conv", [image, weights], {
      kernel_shape: [kh, kw],
      strides,
      dilations,
      ...(group > 1 ? { group } : {}),
      ...pads,
    }),
  );
}

function filterShape(c: RuleContext, filter: Value): [number, number, number, number] {
  const { shape } = filter;
  if (shape === null || shape.includes(-1)) return c.refuse("the shape of its filter is not known");
  c.requireRank(filter, 4);
  return shape as [number, number, number, number];
}

/** TensorFlow convolves in groups when the image has a multiple of the filter's channels. */
function groupsOf(c: RuleContext, value: Value, filter: Value, layout: Layout): number {
  const [have, want] = [channelsOf(value, layout), filterShape(c, filter)[2]];
  return have === -1 ? 1 : have / want;
}

function depthwise(c: RuleContext): Value {
  const [value, filter] = [c.input(0), c.input(1)];
  const layout = layoutOf(c);
  const [kh, kw, channels, multiplier] = filterShape(c, filter);
  const strides = spatial(c, "strides", layout);
  const dilations = spatial(c, "dilations", layout, [1, 1, 1, 1]);
  const pads = padding(c, layout, [kh, kw], strides, dilations);
  const turned = c.emit("Transpose", [filter], { perm: [2, 3, 0, 1] });
  const out = channels * multiplier;
  const weights = c.emit("Reshape", [turned, c.int64([out, 1, kh, kw])]);
  return onImages(c, layout, value, out, (image) =>
    c.emit("Conv", [image, weights], { kernel_shape: [kh, kw], strides, dilations, group: channels, ...pads }),
  );
}

function pool(c: RuleContext, op: "MaxPool" | "AveragePool"): Value {
  const value = c.input(0);
  if (!isFloat(value.dtype)) c.refuse(`it pools ${value.dtype}`);
  const layout = layoutOf(c);
  const kernel_shape = spatial(c, "ksize", layout);
  const strides = spatial(c, "strides", layout);
  const pads = padding(c, layout, kernel_shape, strides, [1, 1]);
  return onImages(c, layout, value, channelsOf(value, layout), (image) =>
    c.emit(op, [image], { kernel_shape, strides, ...pads }),
  );
}

function biasAdd(c: RuleContext): Value {
  const [value, bias] = [c.input(0), c.input(1)];
  // TensorFlow wants at least two dimensions here, ONNX's addition would take any.
  if ((c.rank(value) ?? 2) < 2) c.refuse("its input has fewer than two dimensions");
  if (layoutOf(c) === "NHWC") {
    return biased(c, value, bias) ?? elementwise(c, [value, bias], (names) => c.emit("Add", names));
  }
  const rank = c.requireRank(value);
  const trailing = Array.from({ length: rank - 2 }, (_, d) => d + 1);
  const column = c.emit("Unsqueeze", [bias, c.int64(trailing)]);
  return c.value(c.emit("Add", [value, column]), value.shape);
}

function fusedBatchNorm(c: RuleContext): readonly Value[] {
  if (c.attrs.flag("is_training", true)) c.refuse("it is a training step");
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => c.plain(c.input(i)));
  const layout = layoutOf(c);
  const image = c.input(0);
  const epsilon = float(c.attrs.float("epsilon", 0.0001));
  const y = onImages(c, layout, image, channelsOf(image, layout), (name) =>
    c.emit("BatchNormalization", [name, scale!, offset!, mean!, variance!], { epsilon }),
  );
  return [y];
}

export const convolutionRules: Rules = {
  Conv2D: conv2d,
  DepthwiseConv2dNative: depthwise,
  MaxPool: (c) => pool(c, "MaxPool"),
  AvgPool: (c) => pool(c, "AveragePool"),
  BiasAdd: biasAdd,
  BiasAddV1: (c) =>
    biased(c, c.input(0), c.input(1)) ?? elementwise(c, [c.input(0), c.input(1)], (names) => c.emit("Add", names)),
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
};
