import type { DType } from "../../../../../core/index.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { isFloat } from "../value.js";
import { elementwise } from "./elementwise.js";

/** Numbers of double precision and what is computed with them. */
type Doubles = {
  readonly emit: (op: string, ...inputs: string[]) => string;
  readonly number: (value: number) => string;
  /** A polynomial, the coefficient of the highest power first. */
  readonly polynomial: (x: string, coefficients: readonly number[]) => string;
};

/** Computed in double precision whatever the operand's, so that single precision is exact. */
const inDouble =
  (write: (d: Doubles, x: string) => string): Rule =>
  (c) => {
    const value = c.input(0);
    if (!isFloat(value.dtype)) c.refuse(`it computes in ${value.dtype}; only floating point is carried over`);
    return elementwise(c, [value], ([x], dtype) => {
      const wide = c.emit("Cast", [x!], { to: c.onnxType("float64") });
      return narrow(c, write(doubles(c), wide), dtype);
    });
  };

const narrow = (c: RuleContext, name: string, dtype: DType) =>
  dtype === "float64" ? name : c.emit("Cast", [name], { to: c.onnxType(dtype) });

function doubles(c: RuleContext): Doubles {
  const number = (value: number) => c.scalar("float64", value);
  const emit = (op: string, ...inputs: string[]) => c.emit(op, inputs);
  return {
    emit,
    number,
    polynomial: (x, [highest, ...others]) =>
      others.reduce((sum, each) => emit("Add", emit("Mul", sum, x), number(each)), number(highest!)),
  };
}

const [INFINITY, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

/** sin(πx) and cos(πx), the sine exactly 0 at whole numbers. */
function halfTurns({ emit, number }: Doubles, x: string): { readonly sin: string; readonly cos: string } {
  const angle = emit("Mul", emit("Sub", x, emit("Round", x)), number(Math.PI));
  return { sin: emit("Sin", angle), cos: emit("Cos", angle) };
}

// Lanczos' approximation with g = 7 and nine terms.
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log |Γ(x)|; below a half by Euler's reflection. */
function lgamma(d: Doubles, x: string): string {
  const { emit, number } = d;
  const low = emit("Less", x, number(0.5));
  const z = emit("Where", low, emit("Neg", x), emit("Sub", x, number(1)));
  const series = LANCZOS.reduce(
    (sum, each, i) => emit("Add", sum, emit("Div", number(each), emit("Add", z, number(i + 1)))),
    number(0.99999999999980993),
  );
  const t = emit("Add", z, number(7.5));
  const power = emit("Sub", emit("Mul", emit("Add", z, number(0.5)), emit("Log", t)), t);
  const high = emit("Add", emit("Add", power, emit("Log", series)), number(0.5 * Math.log(2 * Math.PI)));
  const mirror = emit("Log", emit("Div", number(Math.PI), emit("Abs", halfTurns(d, x).sin)));
  const both = emit("Where", low, emit("Sub", mirror, high), high);
  return emit("Where", emit("IsInf", x), number(INFINITY), both);
}

/** The logarithmic derivative of Γ: its asymptotic series after eight steps up, and reflection below a half. */
function digamma(d: Doubles, x: string): string {
  const { emit, number, polynomial } = d;
  const low = emit("Less", x, number(0.5));
  const y = emit("Where", low, emit("Sub", number(1), x), x);
  const steps = Array.from({ length: 8 }, (_, k) => emit("Reciprocal", emit("Add", y, number(k))));
  const z = emit("Reciprocal", emit("Add", y, number(8)));
  const squared = emit("Mul", z, z);
  const series = emit("Mul", polynomial(squared, [1 / 240, -1 / 252, 1 / 120, -1 / 12]), squared);
  const far = emit("Sub", emit("Sub", series, emit("Mul", z, number(0.5))), emit("Log", z));
  const high = emit("Sub", far, emit("Sum", ...steps));
  const { sin, cos } = halfTurns(d, x);
  const cotangent = emit("Div", emit("Mul", cos, number(Math.PI)), sin);
  const pole = emit("And", low, emit("Equal", sin, number(0)));
  const both = emit("Where", low, emit("Sub", high, cotangent), high);
  return emit("Where", pole, number(NAN), both);
}

// Acklam's rational approximations of the normal distribution's quantiles, with a relative error below 1.2e-9.
const MIDDLE = {
  above: [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ],
  below: [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
};
const TAIL = {
  above: [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  below: [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1],
};
const TAIL_FROM = 0.02425;

/** The quantile of a probability that lies `q` above a half and `tail` from the nearer end. */
function quantile({ emit, number, polynomial }: Doubles, q: string, tail: string): string {
  const square = emit("Mul", q, q);
  const middle = emit("Div", emit("Mul", q, polynomial(square, MIDDLE.above)), polynomial(square, MIDDLE.below));
  const s = emit("Sqrt", emit("Mul", emit("Log", tail), number(-2)));
  const outer = emit("Div", polynomial(s, TAIL.above), polynomial(s, TAIL.below));
  const side = emit("Sign", q);
  const end = emit("Where", emit("Equal", tail, number(0)), number(-INFINITY), outer);
  const isMiddle = emit("GreaterOrEqual", tail, number(TAIL_FROM));
  return emit("Where", isMiddle, middle, emit("Neg", emit("Mul", end, side)));
}

function ndtri(d: Doubles, p: string): string {
  const { emit, number } = d;
  return quantile(d, emit("Sub", p, number(0.5)), emit("Min", p, emit("Sub", number(1), p)));
}

function erfinv(d: Doubles, x: string): string {
  const { emit, number } = d;
  const tail = emit("Mul", emit("Sub", number(1), emit("Abs", x)), number(0.5));
  return emit("Mul", quantile(d, emit("Mul", x, number(0.5)), tail), number(Math.SQRT1_2));
}

export const specialRules: Rules = {
  Lgamma: inDouble(lgamma),
  Digamma: inDouble(digamma),
  Ndtri: inDouble(ndtri),
  Erfinv: inDouble(erfinv),
};
