import type { DType } from "../../../../../core/index.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { isFloat, type Value } from "../value.js";
import { elementwise } from "./elementwise.js";
import { biased } from "./matmul.js";

const binary =
  (op: string): Rule =>
  (c) =>
    elementwise(c, [c.input(0), c.input(1)], (names) => c.emit(op, names));

const composed =
  (write: (c: RuleContext, x: string, y: string, dtype: DType) => string): Rule =>
  (c) =>
    elementwise(c, [c.input(0), c.input(1)], ([x, y], dtype) => write(c, x!, y!, dtype));

/** Comparing for equality; TensorFlow can also be told to call unequal shapes unequal, which ONNX cannot. */
const equality = (write: (c: RuleContext, x: string, y: string) => string): Rule => {
  const rule = composed(write);
  return (c) => {
    if (!c.attrs.flag("incompatible_shape_error", true)) c.refuse("it compares tensors of unequal shapes");
    return rule(c);
  };
};

/**
 * Division of integers is carried over for constant divisors alone: TensorFlow answers a division by zero with an
 * error, a native library without that check ends the process.
 */
function checkDivisor(c: RuleContext): void {
  if (isFloat(c.input(0).dtype)) return;
  const divisor = c.known(1, "its divisor");
  if (Array.from(divisor.data as ArrayLike<unknown>, Number).some((value) => value === 0 || value === -1)) {
    c.refuse("its integer divisor is 0 or -1");
  }
}

const dividing = (write: (c: RuleContext, x: string, y: string, dtype: DType) => string): Rule => {
  const rule = composed(write);
  return (c) => {
    checkDivisor(c);
    return rule(c);
  };
};

/** The remainder with the divisor's sign, as Python has it. */
function floorMod(c: RuleContext, x: string, y: string, dtype: DType): string {
  if (!isFloat(dtype)) return c.emit("Mod", [x, y], { fmod: 0 });
  const zero = c.scalar(dtype, 0);
  const rest = c.emit("Mod", [x, y], { fmod: 1 });
  const signs = c.emit("Xor", [c.emit("Less", [rest, zero]), c.emit("Less", [y, zero])]);
  const wrong = c.emit("And", [signs, c.emit("Not", [c.emit("Equal", [rest, zero])])]);
  return c.emit("Where", [wrong, c.emit("Add", [rest, y]), rest]);
}

function floorDiv(c: RuleContext, x: string, y: string, dtype: DType): string {
  if (isFloat(dtype)) return c.emit("Floor", [c.emit("Div", [x, y])]);
  return c.emit("Div", [c.emit("Sub", [x, floorMod(c, x, y, dtype)]), y]);
}

/** 0 where x is 0, whatever y is; else `write(x, y)`. */
const zeroWins = (write: (c: RuleContext, x: string, y: string) => string): Rule =>
  composed((c, x, y, dtype) => {
    const zero = c.scalar(dtype, 0);
    return c.emit("Where", [c.emit("Equal", [x, zero]), zero, write(c, x, y)]);
  });

function add(c: RuleContext): Value {
  if (c.dtypes[0] === "string") return c.refuse("it joins strings");
  return biased(c, c.input(0), c.input(1)) ?? biased(c, c.input(1), c.input(0)) ?? (binary("Add")(c) as Value);
}

const power: Rule = (c) => {
  if (!isFloat(c.input(0).dtype)) c.refuse("powers of integers are not carried over");
  return binary("Pow")(c);
};

export const binaryRules: Rules = {
  Add: add,
  AddV2: add,
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  RealDiv: dividing((c, x, y) => c.emit("Div", [x, y])),
  Div: dividing((c, x, y) => c.emit("Div", [x, y])),
  FloorDiv: dividing(floorDiv),
  FloorMod: dividing(floorMod),
  TruncateDiv: (c) =>
    isFloat(c.input(0).dtype) ? c.refuse("it truncates floats") : dividing((d, x, y) => d.emit("Div", [x, y]))(c),
  DivNoNan: composed((c, x, y, dtype) => {
    const zero = c.scalar(dtype, 0);
    return c.emit("Where", [c.emit("Equal", [y, zero]), zero, c.emit("Div", [x, y])]);
  }),
  MulNoNan: composed((c, x, y, dtype) => {
    const zero = c.scalar(dtype, 0);
    return c.emit("Where", [c.emit("Equal", [y, zero]), zero, c.emit("Mul", [x, y])]);
  }),
  Xdivy: zeroWins((c, x, y) => c.emit("Div", [x, y])),
  Xlogy: zeroWins((c, x, y) => c.emit("Mul", [x, c.emit("Log", [y])])),
  Pow: power,
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  SquaredDifference: composed((c, x, y) => {
    const difference = c.emit("Sub", [x, y]);
    return c.emit("Mul", [difference, difference]);
  }),
  Less: binary("Less"),
  LessEqual: binary("LessOrEqual"),
  Greater: binary("Greater"),
  GreaterEqual: binary("GreaterOrEqual"),
  Equal: equality((c, x, y) => c.emit("Equal", [x, y])),
  NotEqual: equality((c, x, y) => c.emit("Not", [c.emit("Equal", [x, y])])),
  LogicalAnd: binary("And"),
  LogicalOr: binary("Or"),
  AddN: (c) => {
    if (c.inputs.length === 1) return c.input(0);
    return elementwise(c, c.inputs, (names) => c.emit("Sum", names));
  },
  SelectV2: (c) => elementwise(c, [c.input(0), c.input(1), c.input(2)], (names) => c.emit("Where", names)),
  Select: (c) => {
    const rank = c.rank(c.input(0));
    // Its condition may be a vector that picks whole rows, which is not broadcasting.
    if (rank !== 0 && rank !== c.requireRank(c.input(1))) c.refuse("its condition picks rows");
    return elementwise(c, [c.input(0), c.input(1), c.input(2)], (names) => c.emit("Where", names));
  },
  ClipByValue: (c) =>
    elementwise(c, [c.input(0), c.input(1), c.input(2)], ([x, low, high]) =>
      c.emit("Min", [c.emit("Max", [x!, low!]), high!]),
    ),
};
