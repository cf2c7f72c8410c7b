import type { DType } from "../../../../../core/index.js";
import { unless } from "../checked.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { isFloat } from "../value.js";
import { composed } from "./binary.js";

type Divisor = {
  readonly name: string;
  /** Where the divisor was -1, in place of which stands 1. */
  readonly minus?: string;
};

/**
 * TensorFlow answers an integer division by zero with an error and wraps around at the least number divided by -1; at
 * both, a processor ends the process.
 */
function safeDivisor(c: RuleContext, y: string, dtype: DType): Divisor {
  const { constant } = c.input(1);
  const known = constant && Array.from(constant.value().data as ArrayLike<unknown>, Number);
  if (known?.includes(0)) c.refuse("its divisor is 0");
  const name = known ? y : unless(c, c.emit("Equal", [y, c.scalar(dtype, 0)]), y, "divides by zero");
  if (dtype.startsWith("uint") || (known && !known.includes(-1))) return { name };
  const minus = c.emit("Equal", [name, c.scalar(dtype, -1)]);
  return { name: c.emit("Where", [minus, c.scalar(dtype, 1), name]), minus };
}

/** Rounded towards zero. */
function truncated(c: RuleContext, x: string, y: string, dtype: DType): string {
  const { name, minus } = safeDivisor(c, y, dtype);
  const quotient = c.emit("Div", [x, name]);
  return minus ? c.emit("Where", [minus, c.emit("Neg", [x]), quotient]) : quotient;
}

/** Where the remainder `rest` is not zero and has not its divisor's sign. */
function wrongSign(c: RuleContext, rest: string, y: string, dtype: DType): string {
  const zero = c.scalar(dtype, 0);
  const signs = c.emit("Xor", [c.emit("Less", [rest, zero]), c.emit("Less", [y, zero])]);
  return c.emit("And", [signs, c.emit("Not", [c.emit("Equal", [rest, zero])])]);
}

function floorDiv(c: RuleContext, x: string, y: string, dtype: DType): string {
  if (isFloat(dtype)) return c.emit("Floor", [c.emit("Div", [x, y])]);
  const quotient = truncated(c, x, y, dtype);
  if (dtype.startsWith("uint")) return quotient;
  const rest = c.emit("Sub", [x, c.emit("Mul", [quotient, y])]);
  const less = c.emit("Sub", [quotient, c.scalar(dtype, 1)]);
  return c.emit("Where", [wrongSign(c, rest, y, dtype), less, quotient]);
}

/** The remainder with the divisor's sign, as Python has it. */
function floorMod(c: RuleContext, x: string, y: string, dtype: DType): string {
  if (!isFloat(dtype)) return c.emit("Mod", [x, safeDivisor(c, y, dtype).name], { fmod: 0 });
  const rest = c.emit("Mod", [x, y], { fmod: 1 });
  return c.emit("Where", [wrongSign(c, rest, y, dtype), c.emit("Add", [rest, y]), rest]);
}

/** The remainder with the dividend's sign, as C has it. */
function truncateMod(c: RuleContext, x: string, y: string, dtype: DType): string {
  if (isFloat(dtype)) return c.emit("Mod", [x, y], { fmod: 1 });
  return c.emit("Sub", [x, c.emit("Mul", [truncated(c, x, y, dtype), y])]);
}

const divide = composed((c, x, y, dtype) => (isFloat(dtype) ? c.emit("Div", [x, y]) : truncated(c, x, y, dtype)));

const truncateDiv: Rule = (c) => (isFloat(c.input(0).dtype) ? c.refuse("it truncates floats") : divide(c));

export const divisionRules: Rules = {
  RealDiv: divide,
  Div: divide,
  FloorDiv: composed(floorDiv),
  FloorMod: composed(floorMod),
  Mod: composed(truncateMod),
  TruncateMod: composed(truncateMod),
  TruncateDiv: truncateDiv,
  DivNoNan: composed((c, x, y, dtype) => {
    const zero = c.scalar(dtype, 0);
    return c.emit("Where", [c.emit("Equal", [y, zero]), zero, c.emit("Div", [x, y])]);
  }),
};
