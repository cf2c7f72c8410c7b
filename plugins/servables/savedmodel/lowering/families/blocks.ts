import type { RuleContext, Rules } from "../rule.js";
import { sizeOf } from "../sizes.js";
import type { Value } from "../value.js";
import { channelsFirst, channelsOf, layoutOf, windowAttribute, windowed } from "../window.js";

/** Blocks of pixels and channels, exchanged. */
function blocks(c: RuleContext, op: "DepthToSpace" | "SpaceToDepth"): Value {
  const value = c.input(0);
  const layout = layoutOf(c, 2);
  const blocksize = c.attrs.int("block_size");
  const channels = channelsOf(value, layout);
  const area = blocksize * blocksize;
  const after = channels === -1 ? -1 : op === "DepthToSpace" ? channels / area : channels * area;
  return windowed(c, layout, c.emit(op, [channelsFirst(c, layout, value)], { blocksize }), after);
}

/** Every window of an image, its pixels' channels one after another. */
function extractPatches(c: RuleContext): Value {
  const value = c.input(0);
  c.requireRank(value, 4);
  const layout = { channelsLast: true, dimensions: 2 };
  const kernel = windowAttribute(c, "ksizes", layout);
  const [strides, rates] = [windowAttribute(c, "strides", layout), windowAttribute(c, "rates", layout)];
  const same = c.attrs.text("padding") === "SAME";
  const sizes = kernel.map((size, d) => (size - 1) * rates[d]! + 1);
  const have = c.emit("Concat", [sizeOf(c, value, 1), sizeOf(c, value, 2)], { axis: 0 });
  const spare = c.int64(strides.map((stride, d) => stride - (same ? 1 : sizes[d]!)));
  const counts = c.emit("Div", [c.emit("Add", [have, spare]), c.int64(strides)]);
  let image = c.plain(value);
  if (same) {
    const reach = c.emit("Mul", [c.emit("Sub", [counts, c.int64(1)]), c.int64(strides)]);
    const total = c.emit("Max", [c.emit("Sub", [c.emit("Add", [reach, c.int64(sizes)]), have]), c.int64(0)]);
    const before = c.emit("Div", [total, c.int64(2)]);
    const zero = c.int64([0]);
    const pads = c.emit("Concat", [zero, before, zero, zero, c.emit("Sub", [total, before]), zero], { axis: 0 });
    image = c.emit("Pad", [image, pads]);
  }
  const places = (d: number) => {
    const starts = c.emit("Range", [c.int64(0), c.emit("Gather", [counts, c.int64(d)]), c.int64(1)]);
    const down = c.emit("Unsqueeze", [c.emit("Mul", [starts, c.int64(strides[d]!)]), c.int64([1])]);
    return c.emit("Add", [down, c.int64(Array.from({ length: kernel[d]! }, (_, i) => i * rates[d]!))]);
  };
  const rows = c.emit("Gather", [image, places(0)], { axis: 1 });
  const windows = c.emit("Gather", [rows, places(1)], { axis: 3 });
  const turned = c.emit("Transpose", [windows], { perm: [0, 1, 3, 2, 4, 5] });
  const area = kernel[0]! * kernel[1]!;
  const depth = c.emit("Mul", [sizeOf(c, value, 3), c.int64([area])]);
  const shape = c.emit("Concat", [sizeOf(c, value, 0), counts, depth], { axis: 0 });
  const channels = value.shape![3]!;
  return c.value(c.emit("Reshape", [turned, shape], { allowzero: 1 }), [
    -1,
    -1,
    -1,
    channels === -1 ? -1 : channels * area,
  ]);
}

/** Pixels of each block dealt out to images of their own: the block's, then the batch. */
function spaceToBatch(c: RuleContext, block: readonly number[], paddings: Value): Value {
  const value = c.input(0);
  const [rank, n] = [c.requireRank(value), block.length];
  const column = (i: number) =>
    c.emit("Gather", [c.emit("Cast", [paddings], { to: c.onnxType("int64") }), c.int64(i)], { axis: 1 });
  const rest = rank - n - 1;
  const none = (count: number) => c.int64(new Array<number>(count).fill(0));
  const pads = c.emit("Concat", [none(1), column(0), none(rest + 1), column(1), none(rest)], { axis: 0 });
  const padded = c.emit("Pad", [value, pads]);
  const sizes = c.emit("Shape", [padded]);
  const part = (from: number, to: number) => c.emit("Slice", [sizes, c.int64([from]), c.int64([to])]);
  const fewer = c.emit("Div", [part(1, n + 1), c.int64(block)]);
  const split = block.flatMap((size, d) => [c.emit("Gather", [fewer, c.int64([d])]), c.int64([size])]);
  const opened = c.emit("Concat", [part(0, 1), ...split, part(n + 1, rank)], { axis: 0 });
  const inBlock = block.map((_, d) => 2 * d + 2);
  const perm = [...inBlock, 0, ...inBlock.map((d) => d - 1), ...Array.from({ length: rest }, (_, d) => 2 * n + 1 + d)];
  const dealt = c.emit("Transpose", [c.emit("Reshape", [padded, opened], { allowzero: 1 })], { perm });
  const images = c.emit("Mul", [part(0, 1), c.int64([block.reduce((product, size) => product * size, 1)])]);
  const shape = c.emit("Concat", [images, fewer, part(n + 1, rank)], { axis: 0 });
  const known = [-1, ...block.map(() => -1), ...value.shape!.slice(n + 1)];
  return c.value(c.emit("Reshape", [dealt, shape], { allowzero: 1 }), known);
}

/** Images put together again out of those that blocks of pixels were dealt out to, and cropped. */
function batchToSpace(c: RuleContext, block: readonly number[], crops: Value): Value {
  const value = c.input(0);
  const [rank, n] = [c.requireRank(value), block.length];
  const sizes = c.emit("Shape", [value]);
  const part = (from: number, to: number) => c.emit("Slice", [sizes, c.int64([from]), c.int64([to])]);
  const images = c.emit("Div", [part(0, 1), c.int64([block.reduce((product, size) => product * size, 1)])]);
  const opened = c.emit("Concat", [c.int64(block), images, part(1, rank)], { axis: 0 });
  const perm = [
    n,
    ...block.flatMap((_, d) => [n + 1 + d, d]),
    ...Array.from({ length: rank - n - 1 }, (_, d) => 2 * n + 1 + d),
  ];
  const dealt = c.emit("Transpose", [c.emit("Reshape", [value, opened], { allowzero: 1 })], { perm });
  const more = c.emit("Mul", [part(1, n + 1), c.int64(block)]);
  const shape = c.emit("Concat", [images, more, part(n + 1, rank)], { axis: 0 });
  const whole = c.emit("Reshape", [dealt, shape], { allowzero: 1 });
  const column = (i: number) =>
    c.emit("Gather", [c.emit("Cast", [crops], { to: c.onnxType("int64") }), c.int64(i)], { axis: 1 });
  const axes = c.int64(block.map((_, d) => d + 1));
  const name = c.emit("Slice", [whole, column(0), c.emit("Sub", [more, column(1)]), axes]);
  return c.value(name, [-1, ...block.map(() => -1), ...value.shape!.slice(n + 1)]);
}

const square = (c: RuleContext): readonly number[] => {
  const size = c.attrs.int("block_size");
  return [size, size];
};

export const blockRules: Rules = {
  DepthToSpace: (c) => blocks(c, "DepthToSpace"),
  SpaceToDepth: (c) => blocks(c, "SpaceToDepth"),
  ExtractImagePatches: extractPatches,
  SpaceToBatchND: (c) => spaceToBatch(c, c.ints(1, "its block"), c.input(2)),
  SpaceToBatch: (c) => spaceToBatch(c, square(c), c.input(1)),
  BatchToSpaceND: (c) => batchToSpace(c, c.ints(1, "its block"), c.input(2)),
  BatchToSpace: (c) => batchToSpace(c, square(c), c.input(1)),
};
