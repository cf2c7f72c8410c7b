import type { DType } from "../../../../../core/index.js";
import type { Attribute } from "../../onnx/graph.js";
import { float } from "../../onnx/graph.js";
import { imageOperands, isImage } from "../image.js";
import type { Rule, RuleContext, Rules } from "../rule.js";
import { broadcast, isFloat, type Value } from "../value.js";

/**
 * An operator that treats each element alone and broadcasts like NumPy; images keep their channels first. ONNX Runtime
 * does not compute in bfloat16: like TensorFlow, it computes in float32 and rounds. `write` is told the dtype.
 */
export function elementwise(
  c: RuleContext,
  values: readonly Value[],
  write: (names: readonly string[], dtype: DType) => string,
): Value {
  const shape = values.reduce<Value["shape"] | undefined>(
    (sum, value) => (sum === undefined ? undefined : broadcast(sum, value.shape)),
    [],
  );
  if (shape === undefined) {
    return c.refuse(`its inputs of shapes ${values.map((v) => `[${v.shape}]`).join(" and ")} cannot be broadcast`);
  }
  const { dtype } = values.at(-1)!;
  const computed = (names: readonly string[]): string => {
    if (dtype !== "bfloat16" || c.node.op === "Cast") return write(names, dtype);
    const to = c.onnxType("float32");
    const wide = names.map((name, i) => (values[i]!.dtype === dtype ? c.emit("Cast", [name], { to }) : name));
    const result = write(wide, "float32");
    return c.dtypes[0] === dtype ? c.emit("Cast", [result], { to: c.onnxType(dtype) }) : result;
  };
  const images = imageOperands(c, values);
  return images ? c.image(computed(images), shape) : c.value(computed(values.map(c.plain)), shape);
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
    return elementwise(c, [value], ([x], dtype) => write(c, x!, dtype));
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

/**
 * 1 - erf(x) without its cancellation where erf(x) nears 1: a Chebyshev fit with a relative error below 1.2e-7 (Press et
 * al., Numerical Recipes, "Incomplete Gamma Function, Error Function").
 */
function erfc(c: RuleContext, x: string, dtype: DType): string {
  if (dtype === "float16") {
    const wide = c.emit("Cast", [x], { to: c.onnxType("float32") });
    return c.emit("Cast", [erfc(c, wide, "float32")], { to: c.onnxType(dtype) });
  }
  if (dtype !== "float32") return c.refuse(`it computes in ${dtype}; only float32 and less is carried over`);
  const number = (value: number) => c.scalar(dtype, value);
  const t = c.emit("Reciprocal", [c.emit("Add", [c.emit("Mul", [c.emit("Abs", [x]), number(0.5)]), number(1)])]);
  const sum = ERFC.reduce(
    (inner, value) => c.emit("Add", [c.emit("Mul", [inner, t]), number(value)]),
    number(0.17087277),
  );
  const exponent = c.emit("Sub", [sum, c.emit("Mul", [x, x])]);
  const tail = c.emit("Mul", [t, c.emit("Exp", [exponent])]);
  const near = c.emit("Sub", [number(1), c.emit("Erf", [x])]);
  return c.emit("Where", [c.emit("Greater", [x, number(0.5)]), tail, near]);
}
const ERFC = [
  -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
];

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
  Erfc: composed(erfc),
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
  GuaranteeConst: identity,
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
