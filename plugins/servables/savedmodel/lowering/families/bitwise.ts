import { type DType, layouts } from "../../../../../core/index.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { composed } from "./binary.js";
import { elementwise } from "./elementwise.js";

const UNSIGNED = "uint64";

/** How far to shift: TensorFlow takes a shift out of range for the nearest that is in. */
function distance(c: RuleContext, y: string, dtype: DType): string {
  const bits = 8 * layouts[dtype as "int8"].bytes;
  const clipped = c.emit("Min", [c.emit("Max", [y, c.scalar(dtype, 0)]), c.scalar(dtype, bits - 1)]);
  return c.emit("Cast", [clipped], { to: c.onnxType(UNSIGNED) });
}

const shifted = (c: RuleContext, x: string, by: string, direction: "LEFT" | "RIGHT") =>
  c.emit("BitShift", [c.emit("Cast", [x], { to: c.onnxType(UNSIGNED) }), by], { direction });

function leftShift(c: RuleContext, x: string, y: string, dtype: DType): string {
  return c.emit("Cast", [shifted(c, x, distance(c, y, dtype), "LEFT")], { to: c.onnxType(dtype) });
}

/** ONNX shifts unsigned numbers alone; a negative number shifts as its complement does, complemented. */
function rightShift(c: RuleContext, x: string, y: string, dtype: DType): string {
  const by = distance(c, y, dtype);
  const narrow = (name: string) => c.emit("Cast", [name], { to: c.onnxType(dtype) });
  if (dtype.startsWith("uint")) return narrow(shifted(c, x, by, "RIGHT"));
  const negative = c.emit("Less", [x, c.scalar(dtype, 0)]);
  const flip = (name: string) => c.emit("Where", [negative, c.emit("BitwiseNot", [name]), name]);
  return flip(narrow(shifted(c, flip(x), by, "RIGHT")));
}

/** The same bits under another type; elements of another size would add or take a dimension. */
function bitcast(c: RuleContext): Value {
  const [value, to] = [c.input(0), c.dtypes[0]!];
  const sizes = [value.dtype, to].map((dtype) => (dtype === "string" || dtype === "bool" ? 0 : layouts[dtype].bytes));
  if (sizes[0] !== sizes[1] || sizes[0] === 0) c.refuse(`it reads ${value.dtype} as ${to}`);
  if (value.dtype === to) return value;
  return c.value(c.emit("BitCast", [value], { to: c.onnxType(to) }), value.shape);
}

export const bitwiseRules: Rules = {
  BitwiseAnd: composed((c, x, y) => c.emit("BitwiseAnd", [x, y])),
  BitwiseOr: composed((c, x, y) => c.emit("BitwiseOr", [x, y])),
  BitwiseXor: composed((c, x, y) => c.emit("BitwiseXor", [x, y])),
  Invert: (c) => elementwise(c, [c.input(0)], ([x]) => c.emit("BitwiseNot", [x!])),
  Bitcast: bitcast,
  LeftShift: composed(leftShift),
  RightShift: composed(rightShift),
};
