import { type DType, tensor } from "../../../../../core/index.js";
import { constantOf } from "../constant.js";
import { nameSaying } from "../guards.js";
import { geluOf } from "../patterns/gelu.js";
import { widened } from "../patterns/widened.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { broadcast, isFloat, type Value } from "../value.js";
import { elementwise } from "./elementwise.js";
import { biased } from "./matmul.js";

const binary =
  (op: string): Rule =>
  (c) =>
    elementwise(c, [c.input(0), c.input(1)], (names) => c.emit(op, names));

/** One whose operands may be rows, and a number for each row. */
const rowwise =
  (op: string) =>
  (c: RuleContext): Value => {
    const [x, y] = [c.input(0), c.input(1)];
    const operands = widened(c, x, y);
    return elementwise(c, [x, y], (names) => c.emit(op, operands ?? names));
  };

/** Two operands, and several ONNX operators. */
export const composed =
  (write: (c: RuleContext, x: string, y: string, dtype: DType) => string): Rule =>
  (c) =>
    elementwise(c, [c.input(0), c.input(1)], ([x, y], dtype) => write(c, x!, y!, dtype));

/**
 * Comparing for equality. As Python writes `==`, shapes that cannot be broadcast are no error but unequal as a whole; where
 * only the run tells, it fails there, since ONNX cannot yield a scalar instead.
 */
const equality =
  (differ: boolean): Rule =>
  (c) => {
    const [x, y] = [c.input(0), c.input(1)];
    const strict = c.attrs.flag("incompatible_shape_error", true);
    if (!strict && broadcast(x.shape, y.shape) === undefined) {
      c.rank(x);
      c.rank(y);
      return c.result(constantOf(tensor("bool", [], Uint8Array.of(differ ? 1 : 0))));
    }
    return elementwise(c, [x, y], (names) => {
      const name = nameSaying(`"${c.node.name}" compares tensors whose shapes cannot be broadcast`);
      const equal = c.builder.emit(name, "Equal", names)[0]!;
      return differ ? c.emit("Not", [equal]) : equal;
    });
  };

/** 0 where x is 0, whatever y is; else `write(x, y)`. */
const zeroWins = (write: (c: RuleContext, x: string, y: string) => string): Rule =>
  composed((c, x, y, dtype) => {
    const zero = c.scalar(dtype, 0);
    return c.emit("Where", [c.emit("Equal", [x, zero]), zero, write(c, x, y)]);
  });

function multiply(c: RuleContext): Value {
  const x = geluOf(c.input(0), c.input(1));
  return x ? elementwise(c, [x], (names) => c.emit("Gelu", names)) : rowwise("Mul")(c);
}

function add(c: RuleContext): Value {
  if (c.dtypes[0] === "string") return c.refuse("it joins strings");
  return biased(c, c.input(0), c.input(1)) ?? biased(c, c.input(1), c.input(0)) ?? rowwise("Add")(c);
}

/** x to a small whole number, by squaring: powers of integers wrap around, which ONNX Runtime's, made of floats, do not. */
function wholePower(c: RuleContext, x: string, exponent: number, dtype: DType): string {
  if (exponent === 0) return c.emit("Add", [c.emit("Sub", [x, x]), c.scalar(dtype, 1)]);
  if (exponent === 1) return x;
  const half = wholePower(c, x, Math.floor(exponent / 2), dtype);
  const square = c.emit("Mul", [half, half]);
  return exponent % 2 === 1 ? c.emit("Mul", [square, x]) : square;
}

const power: Rule = (c) => {
  if (isFloat(c.input(0).dtype)) return binary("Pow")(c);
  const exponents = Array.from(c.known(1, "the exponent of integers").data as ArrayLike<number | bigint>, Number);
  const [exponent = -1] = exponents;
  if (exponents.length !== 1 || exponent < 0) c.refuse(`its exponent is [${exponents}]`);
  return elementwise(c, [c.input(0), c.input(1)], ([x, y], dtype) =>
    // The exponent's own shape may add dimensions.
    c.emit("Add", [wholePower(c, x!, exponent, dtype), c.emit("Sub", [y!, y!])]),
  );
};

/** The angle of the point (x, y), of all signs of zero and infinity. */
function atan2(c: RuleContext, y: string, x: string, dtype: DType): string {
  const [zero, one] = [c.scalar(dtype, 0), c.scalar(dtype, 1)];
  // Of zeros only the reciprocal tells the sign.
  const isNegative = (name: string) => {
    const minusZero = c.emit("Less", [c.emit("Div", [one, name]), zero]);
    return c.emit("Or", [c.emit("Less", [name, zero]), c.emit("And", [c.emit("Equal", [name, zero]), minusZero])]);
  };
  const [height, width] = [c.emit("Abs", [y]), c.emit("Abs", [x])];
  const endless = c.emit("And", [c.emit("IsInf", [y]), c.emit("IsInf", [x])]);
  const still = c.emit("Equal", [c.emit("Max", [height, width]), zero]);
  const ratio = c.emit("Where", [endless, one, c.emit("Div", [height, width])]);
  const acute = c.emit("Where", [still, zero, c.emit("Atan", [ratio])]);
  const upper = c.emit("Where", [isNegative(x), c.emit("Sub", [c.scalar(dtype, Math.PI), acute]), acute]);
  return c.emit("Where", [isNegative(y), c.emit("Neg", [upper]), upper]);
}

/** A sum, in one operator where ONNX Runtime has it. */
const addN: Rule = (c) => {
  if (c.inputs.length === 1) return c.input(0);
  return elementwise(c, c.inputs, (names, dtype) =>
    isFloat(dtype) ? c.emit("Sum", names) : names.reduce((sum, name) => c.emit("Add", [sum, name])),
  );
};

/** Its condition may be a vector that picks whole rows, which is not broadcasting. */
const select: Rule = (c) => {
  const [condition, x, y] = [c.input(0), c.input(1), c.input(2)];
  const rank = c.rank(condition);
  const broadcasts = rank === 0 || rank === c.requireRank(x);
  const places = Array.from({ length: broadcasts ? 0 : x.shape!.length - 1 }, (_, d) => d + 1);
  if (places.length === 0) return elementwise(c, [condition, x, y], (names) => c.emit("Where", names));
  if (rank !== 1) return c.refuse(`its condition has the shape [${condition.shape}]`);
  return c.value(c.emit("Where", [c.emit("Unsqueeze", [condition, c.int64(places)]), x, y]), x.shape);
};

export const binaryRules: Rules = {
  Add: add,
  AddV2: add,
  Sub: rowwise("Sub"),
  Mul: multiply,
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
  Cross: composed((c, x, y) => {
    const turned = (name: string, by: number) =>
      c.emit("Gather", [name, c.int64([0, 1, 2].map((i) => (i + by) % 3))], { axis: -1 });
    const ahead = c.emit("Mul", [turned(x, 1), turned(y, 2)]);
    return c.emit("Sub", [ahead, c.emit("Mul", [turned(x, 2), turned(y, 1)])]);
  }),
  Less: binary("Less"),
  LessEqual: binary("LessOrEqual"),
  Greater: binary("Greater"),
  GreaterEqual: binary("GreaterOrEqual"),
  Equal: equality(false),
  NotEqual: equality(true),
  LogicalAnd: binary("And"),
  LogicalOr: binary("Or"),
  AddN: addN,
  AccumulateNV2: (c) => {
    c.attrs.shape("shape");
    return addN(c);
  },
  Atan2: composed(atan2),
  ApproximateEqual: composed((c, x, y, dtype) => {
    const distance = c.emit("Abs", [c.emit("Sub", [x, y])]);
    return c.emit("Less", [distance, c.scalar(dtype, c.attrs.float("tolerance", 1e-5))]);
  }),
  SelectV2: (c) => elementwise(c, [c.input(0), c.input(1), c.input(2)], (names) => c.emit("Where", names)),
  Select: select,
  ClipByValue: (c) =>
    elementwise(c, [c.input(0), c.input(1), c.input(2)], ([x, low, high]) =>
      c.emit("Min", [c.emit("Max", [x!, low!]), high!]),
    ),
};
