import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

/* Colors are the last dimension: red, green and blue, or hue, saturation and value, all of them from 0 to 1. */

const part = (c: RuleContext, value: Value, index: number) => c.emit("Gather", [value, c.int64(index)], { axis: -1 });

function together(c: RuleContext, parts: readonly string[]): Value {
  const rows = parts.map((each) => c.emit("Unsqueeze", [each, c.int64([-1])]));
  const { shape } = c.input(0);
  return c.value(c.emit("Concat", rows, { axis: -1 }), shape);
}

function floatsOnly(c: RuleContext): (value: number) => string {
  const dtype = c.dtypes[0]!;
  if (dtype !== "float32" && dtype !== "float64") c.refuse(`its colors are ${dtype}`);
  return (value) => c.scalar(dtype, value);
}

function toHsv(c: RuleContext): Value {
  const number = floatsOnly(c);
  const [red, green, blue] = [0, 1, 2].map((i) => part(c, c.input(0), i)) as [string, string, string];
  const value = c.emit("Max", [red, green, blue]);
  const range = c.emit("Sub", [value, c.emit("Min", [red, green, blue])]);
  const saturation = c.emit("Where", [c.emit("Greater", [value, number(0)]), c.emit("Div", [range, value]), number(0)]);
  const sixth = c.emit("Div", [number(1 / 6), range]);
  const hue = (more: string, less: string, offset: number) =>
    c.emit("Add", [c.emit("Mul", [sixth, c.emit("Sub", [more, less])]), number(offset / 6)]);
  const other = c.emit("Where", [c.emit("Equal", [green, value]), hue(blue, red, 2), hue(red, green, 4)]);
  const any = c.emit("Where", [c.emit("Equal", [red, value]), hue(green, blue, 0), other]);
  const some = c.emit("Where", [c.emit("Greater", [range, number(0)]), any, number(0)]);
  const turned = c.emit("Where", [c.emit("Less", [some, number(0)]), c.emit("Add", [some, number(1)]), some]);
  return together(c, [turned, saturation, value]);
}

function toRgb(c: RuleContext): Value {
  const number = floatsOnly(c);
  const [hue, saturation, value] = [0, 1, 2].map((i) => part(c, c.input(0), i)) as [string, string, string];
  const sixths = c.emit("Mul", [hue, number(6)]);
  const distance = (from: number) => c.emit("Abs", [c.emit("Sub", [sixths, number(from)])]);
  const clipped = (name: string) => c.emit("Clip", [name, number(0), number(1)]);
  const tints = [
    clipped(c.emit("Sub", [distance(3), number(1)])),
    clipped(c.emit("Sub", [number(2), distance(2)])),
    clipped(c.emit("Sub", [number(2), distance(4)])),
  ];
  const white = c.emit("Sub", [number(1), saturation]);
  return together(
    c,
    tints.map((tint) => c.emit("Mul", [c.emit("Add", [white, c.emit("Mul", [saturation, tint])]), value])),
  );
}

/** Every pixel as far from its channel's mean, times a factor. */
function contrast(c: RuleContext): Value {
  const [value, factor] = [c.input(0), c.input(1)];
  const number = floatsOnly(c);
  number(0);
  const rank = c.requireRank(value);
  const mean = c.emit("ReduceMean", [value, c.int64([rank - 3, rank - 2])], { keepdims: 1 });
  const own = factor.dtype === value.dtype ? factor : c.emit("Cast", [factor], { to: c.onnxType(value.dtype) });
  const name = c.emit("Add", [c.emit("Mul", [c.emit("Sub", [value, mean]), own]), mean]);
  return c.value(name, value.shape);
}

export const colorRules: Rules = { RGBToHSV: toHsv, HSVToRGB: toRgb, AdjustContrastv2: contrast };
