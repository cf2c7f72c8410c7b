import type { DType } from "../../../../../core/index.js";
import type { Attribute } from "../../onnx/graph.js";
import { float } from "../../onnx/graph.js";
import { imageOperands, isImage } from "../image.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { broadcast, isFloat, type Value } from "../value.js";

/** An operator that treats each element alone and broadcasts like NumPy; images keep their channels first. */
export function elementwise(
  c: RuleContext,
  values: readonly Value[],
  write: (names: readonly string[]) => string,
): Value {
  const shape = values.reduce<Value["shape"] | undefined>(
    (sum, value) => (sum === undefined ? undefined : broadcast(sum, value.shape)),
    [],
  );
  if (shape === undefined) {
    return c.refuse(`its inputs of shapes ${values.map((v) => `[${v.shape}]`).join(" and ")} cannot be broadcast`);
  }
  const images = imageOperands(c, values);
  if (images) return c.image(write(images), shape);
  return c.value(write(values.map(c.plain)), shape);
}

type Check = (c: RuleContext, dtype: DType) => void;
const floats: Check = (c, dtype) => {
  if (!isFloat(dtype)) c.refuse(`it computes in ${dtype}; only floating point is carried over`);
};

const unary =
  (op: string, check?: Check, attributes?: (c: RuleContext) => Readonly<Record<string, Attribute>>): Rule =>
  (c) => {
    const value = c.input(0);
    check?.(c, value.dtype);
    return elementwise(c, [value], (names) => c.emit(op, names, attributes?.(c)));
  };

/** A unary operator made of several ONNX ones. */
const composed =
  (write: (c: RuleContext, x: string, dtype: DType) => string): Rule =>
  (c) => {
    const value = c.input(0);
    floats(c, value.dtype);
    return elementwise(c, [value], ([x]) => write(c, x!, value.dtype));
  };

// Kahan's way: exact near zero, where 1 + x rounds x away. https://people.eecs.berkeley.edu/~wkahan/
export function log1p(c: RuleContext, x: string, dtype: DType): string {
  const one = c.scalar(dtype, 1);
  const u = c.emit("Add", [x, one]);
  const log = c.emit("Log", [u]);
  const ratio = c.emit("Div", [log, c.emit("Sub", [u, one])]);
  const finite = c.emit("Where", [c.emit("Equal", [u, one]), x, c.emit("Mul", [x, ratio])]);
  return c.emit("Where", [c.emit("Equal", [u, c.scalar(dtype, Number.POSITIVE_INFINITY)]), log, finite]);
}

function expm1(c: RuleContext, x: string, dtype: DType): string {
  const one = c.scalar(dtype, 1);
  const u = c.emit("Exp", [x]);
  const less = c.emit("Sub", [u, one]);
  const scaled = c.emit("Div", [c.emit("Mul", [less, x]), c.emit("Log", [u])]);
  const middle = c.emit("Where", [c.emit("Equal", [u, one]), x, scaled]);
  // Where exp(x) is 0 or infinite, u - 1 is already the answer.
  const zero = c.emit("Equal", [u, c.scalar(dtype, 0)]);
  const endless = c.emit("Equal", [u, c.scalar(dtype, Number.POSITIVE_INFINITY)]);
  return c.emit("Where", [c.emit("Or", [zero, endless]), less, middle]);
}

const named = (table: Readonly<Record<string, string>>, check?: Check): Rules =>
  Object.fromEntries(Object.entries(table).map(([tf, onnx]) => [tf, unary(onnx, check)]));

/** The same tensor under another name, in whichever layout it is. */
export const identity: Rule = (c) => c.input(0);

const clipped = (low: number, high: number): Rule =>
  composed((c, x, dtype) => c.emit("Clip", [x, c.scalar(dtype, low), c.scalar(dtype, high)]));

export const elementwiseRules: Rules = {
  ...named({ Abs: "Abs", Neg: "Neg", Sign: "Sign", LogicalNot: "Not" }),
  ...named(
    {
      Exp: "Exp",
      Log: "Log",
      Sqrt: "Sqrt",
      Reciprocal: "Reciprocal",
      Inv: "Reciprocal",
      Floor: "Floor",
      Ceil: "Ceil",
      Round: "Round",
      Rint: "Round",
      Sin: "Sin",
      Cos: "Cos",
      Tan: "Tan",
      Asin: "Asin",
      Acos: "Acos",
      Atan: "Atan",
      Sinh: "Sinh",
      Cosh: "Cosh",
      Tanh: "Tanh",
      Asinh: "Asinh",
      Acosh: "Acosh",
      Atanh: "Atanh",
      Erf: "Erf",
      Relu: "Relu",
      Sigmoid: "Sigmoid",
      Softsign: "Softsign",
      IsNan: "IsNaN",
      IsInf: "IsInf",
    },
    floats,
  ),
  Relu6: clipped(0, 6),
  Elu: unary("Elu", floats),
  Selu: unary("Selu", floats, () => ({ alpha: float(1.6732632423543772), gamma: float(1.0507009873554805) })),
  LeakyRelu: unary("LeakyRelu", floats, (c) => ({ alpha: float(c.attrs.float("alpha", 0.2)) })),
  Square: (c) => elementwise(c, [c.input(0)], ([x]) => c.emit("Mul", [x!, x!])),
  Rsqrt: composed((c, x) => c.emit("Reciprocal", [c.emit("Sqrt", [x])])),
  Log1p: composed(log1p),
  Expm1: composed(expm1),
  Softplus: composed((c, x, dtype) => {
    const tail = log1p(c, c.emit("Exp", [c.emit("Neg", [c.emit("Abs", [x])])]), dtype);
    return c.emit("Add", [c.emit("Relu", [x]), tail]);
  }),
  IsFinite: composed((c, x) => c.emit("Not", [c.emit("Or", [c.emit("IsNaN", [x]), c.emit("IsInf", [x])])])),
  Cast: (c) => {
    const value = c.input(0);
    const to = c.dtypes[0]!;
    if (c.attrs.flag("Truncate", false)) c.refuse("it truncates while casting");
    if (value.dtype === to) return value;
    return elementwise(c, [value], ([x]) => c.emit("Cast", [x!], { to: c.onnxType(to) }));
  },
  Identity: identity,
  StopGradient: identity,
  PreventGradient: identity,
  Snapshot: identity,
  IdentityN: (c) => c.inputs,
  Softmax: (c) => lastAxis(c, "Softmax"),
  LogSoftmax: (c) => lastAxis(c, "LogSoftmax"),
};

function lastAxis(c: RuleContext, op: string): Value {
  const value = c.input(0);
  floats(c, value.dtype);
  if (isImage(value)) return c.image(c.emit(op, [c.channelsFirst(value)], { axis: 1 }), value.shape);
  return c.value(c.emit(op, [value], { axis: -1 }), value.shape);
}
