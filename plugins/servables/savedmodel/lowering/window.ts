import type { Attribute } from "../onnx/graph.js";
import { failWhere } from "./checked.js";
import type { RuleContext } from "./rule.js";
import type { Value } from "./value.js";

/* What operators that slide a window over rows and columns, or over volumes, have in common. */

/** Where the channels stand, and how many dimensions the window slides along. */
export type Layout = { readonly channelsLast: boolean; readonly dimensions: number };

export function layoutOf(c: RuleContext, dimensions: number): Layout {
  const format = c.attrs.text("data_format", dimensions === 3 ? "NDHWC" : "NHWC");
  if (format === "NHWC" || format === "NDHWC") return { channelsLast: true, dimensions };
  if (format === "NCHW" || format === "NCDHW") return { channelsLast: false, dimensions };
  return c.refuse(`its data_format is ${format}`);
}

/** The dimensions that the window slides along. */
export const slidAlong = ({ channelsLast, dimensions }: Layout): readonly number[] =>
  Array.from({ length: dimensions }, (_, d) => d + (channelsLast ? 1 : 2));

/** The window's numbers out of a list with one for each dimension; those of the others must be 1. */
export function spatial(c: RuleContext, name: string, layout: Layout, list: readonly number[]): readonly number[] {
  const along = slidAlong(layout);
  if (list.length !== layout.dimensions + 2 || list.some((item, d) => item !== 1 && !along.includes(d))) {
    c.refuse(`its ${name} are [${list}]`);
  }
  return along.map((d) => list[d]!);
}

/** The attribute's numbers for the window; ones where it is not set. */
export const windowAttribute = (c: RuleContext, name: string, layout: Layout): readonly number[] =>
  spatial(c, name, layout, c.attrs.ints(name, new Array<number>(layout.dimensions + 2).fill(1)));

/** What is added before and after each dimension that the window slides along, where the node says so itself. */
export function explicitPads(c: RuleContext, layout: Layout): readonly number[] {
  const list = c.attrs.ints("explicit_paddings");
  const along = slidAlong(layout);
  return [...along.map((d) => list[2 * d]!), ...along.map((d) => list[2 * d + 1]!)];
}

/** TensorFlow's padding in ONNX's words. `kernel` is the window's size before dilation. */
export function padding(
  c: RuleContext,
  layout: Layout,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Readonly<Record<string, Attribute>> {
  const kind = c.attrs.text("padding");
  if (kind === "VALID") return {};
  if (kind === "EXPLICIT") return { pads: explicitPads(c, layout) };
  if (kind !== "SAME") return c.refuse(`its padding is ${kind}`);
  if (strides.every((stride) => stride === 1)) {
    const total = kernel.map((size, d) => (size - 1) * dilations[d]!);
    const before = total.map((size) => Math.floor(size / 2));
    return { pads: [...before, ...total.map((size, d) => size - before[d]!)] };
  }
  if (dilations.some((rate) => rate !== 1)) c.refuse("it strides and dilates at once");
  return { auto_pad: "SAME_UPPER" };
}

/**
 * Fails the run where a window with a stride is larger than its image: ONNX Runtime rounds how many fit towards zero, and
 * so yields one where TensorFlow has none. Nothing is checked in the graph where the inputs' sizes are held. `image` has its channels first, `pads` are those that `padding` gave.
 */
export function failWhereTooLarge(
  c: RuleContext,
  image: string,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  { pads, auto_pad }: Readonly<Record<string, Attribute>>,
): void {
  if (auto_pad !== undefined || kernel.every((size, d) => size === 1 || strides[d] === 1)) return;
  if (c.holdSizes()) return;
  const added = (pads as readonly number[] | undefined) ?? new Array<number>(2 * kernel.length).fill(0);
  const needed = kernel.map((size, d) => (size - 1) * dilations[d]! + 1 - added[d]! - added[kernel.length + d]!);
  const sizes = c.emit("Shape", [image], { start: 2 });
  failWhere(c, c.emit("Less", [sizes, c.int64(needed)]), "slides a window that is larger than its image");
}

export const channelsOf = ({ shape }: Pick<Value, "shape">, layout: Layout): number =>
  shape?.at(layout.channelsLast ? -1 : 1) ?? -1;

/** The value's name with its channels first. */
export function channelsFirst(c: RuleContext, layout: Layout, value: Value): string {
  c.requireRank(value, layout.dimensions + 2);
  if (!layout.channelsLast) return c.plain(value);
  return layout.dimensions === 2 ? c.channelsFirst(value) : c.emit("Transpose", [value], { perm: [0, 4, 1, 2, 3] });
}

/** A result with its channels first, as the layout has it; images stay as they are until an operator needs the other order. */
export function windowed(c: RuleContext, layout: Layout, name: string, channels: number): Value {
  const open = new Array<number>(layout.dimensions).fill(-1);
  if (!layout.channelsLast) return c.value(name, [-1, channels, ...open], { certain: true });
  if (layout.dimensions === 2) return c.image(name, [-1, ...open, channels], { certain: true });
  return c.value(c.emit("Transpose", [name], { perm: [0, 2, 3, 4, 1] }), [-1, ...open, channels], { certain: true });
}
