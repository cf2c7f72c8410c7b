import type { DType } from "../../../../core/index.js";
import { dtypeOfOnnx } from "../onnx/data-types.js";
import type { Attribute } from "../onnx/graph.js";

/** The types of an operator's operands that ONNX Runtime 1.30 has CPU kernels for, where that is not all of them. */
type Kernel = {
  readonly types: ReadonlySet<DType>;
  /** The inputs that are of this type; all when absent. */
  readonly operands?: readonly number[];
  /** Whether it only moves elements or computes modulo the size of its integers, so that reading their bits as signed is safe. */
  readonly modular?: true;
};

const kernel = (types: string, options: Omit<Kernel, "types"> = {}): Kernel => ({
  types: new Set(types.split(" ") as DType[]),
  ...options,
});

const FLOATS = "float32 float64 float16";
const ORDERED = `${FLOATS} int8 int32 int64 uint8 uint32 uint64`;
const SUMS = `${FLOATS} int32 int64`;
const EXTREMES = `${FLOATS} int8 int32 int64 uint8 bool`;
const ONE = { operands: [0] };

// Half precision is not cast around here: ONNX Runtime does that itself, for any operator.
const KERNELS: Readonly<Record<string, Kernel>> = {
  Max: kernel(ORDERED),
  Min: kernel(ORDERED),
  Clip: kernel(ORDERED),
  Where: kernel(`${SUMS} uint8 string`, { operands: [1, 2], modular: true }),
  Neg: kernel(`${SUMS} int8 int16`, { modular: true }),
  MatMul: kernel(`${SUMS} uint32 uint64`, { modular: true }),
  Gemm: kernel(FLOATS),
  Conv: kernel(FLOATS),
  ConvTranspose: kernel(FLOATS),
  AveragePool: kernel(FLOATS, ONE),
  Softmax: kernel(FLOATS, ONE),
  LogSoftmax: kernel(FLOATS, ONE),
  Einsum: kernel(SUMS, { modular: true }),
  ReduceSum: kernel(SUMS, { ...ONE, modular: true }),
  ReduceProd: kernel(SUMS, { ...ONE, modular: true }),
  ReduceMean: kernel(`${FLOATS} int32`, ONE),
  ReduceL2: kernel(`${FLOATS} int32`, ONE),
  ReduceMax: kernel(EXTREMES, ONE),
  ReduceMin: kernel(EXTREMES, ONE),
  ArgMax: kernel(EXTREMES.replace(" bool", ""), ONE),
  ArgMin: kernel(EXTREMES.replace(" bool", ""), ONE),
  CumSum: kernel(SUMS, { ...ONE, modular: true }),
  CumProd: kernel(SUMS, { ...ONE, modular: true }),
  TopK: kernel(`${FLOATS} int8 int16 int32 int64 uint8`, ONE),
  Unique: kernel(`${FLOATS} int8 int64 string`, ONE),
  NonZero: kernel("float32 float16 int32 int64 uint8 bool", ONE),
  Trilu: kernel(`${SUMS} bool`, { ...ONE, modular: true }),
  Pad: kernel(`${ORDERED} bool`, { operands: [0, 2], modular: true }),
  Tile: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string`, ONE),
  Expand: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string`, ONE),
  ReverseSequence: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string`, ONE),
  Range: kernel("float32 float64 int16 int32 int64"),
  LRN: kernel("float32 float16", ONE),
  Resize: kernel("float32 float16 int8 int32 uint8", ONE),
  SpaceToDepth: kernel(`${FLOATS} int8 uint8`, ONE),
  DepthToSpace: kernel(`${FLOATS} int8 uint8`, ONE),
  MaxPool: kernel(`${FLOATS} int8 uint8`, ONE),
  Equal: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string`),
  Less: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64`),
  LessOrEqual: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64`),
  Greater: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64`),
  GreaterOrEqual: kernel(`${FLOATS} int8 int16 int32 int64 uint8 uint16 uint32 uint64`),
};

/** Types that hold every value of a type, the smallest first. */
const WIDER: Readonly<Partial<Record<DType, readonly DType[]>>> = {
  bool: ["uint8", "int32", "int64"],
  int8: ["int32", "int64", "float32"],
  uint8: ["int32", "int64", "float32"],
  int16: ["int32", "int64", "float32"],
  uint16: ["int32", "int64", "float32"],
  int32: ["int64", "float64"],
  uint32: ["int64", "float64"],
  bfloat16: ["float32"],
};

/** The type to compute an operator in, where ONNX Runtime cannot in the operands' own; it must be cast to and from. */
export function computedIn(
  op: string,
  dtypes: readonly (DType | undefined)[],
): { readonly dtype: DType; readonly operands: readonly number[]; readonly castsBack: boolean } | undefined {
  const known = KERNELS[op];
  if (!known) return undefined;
  const operands = known.operands ?? dtypes.map((_, i) => i);
  const dtype = operands.map((i) => dtypes[i]).find((each) => each !== undefined);
  if (!dtype || known.types.has(dtype)) return undefined;
  const wider = WIDER[dtype]?.find((each) => known.types.has(each));
  const signed = dtype === "uint64" && known.modular ? "int64" : undefined;
  const chosen = wider ?? signed;
  return chosen && { dtype: chosen, operands, castsBack: !TRUTHS.has(op) && !COUNTS.has(op) };
}

const TRUTHS: ReadonlySet<string> = new Set(
  "Less LessOrEqual Greater GreaterOrEqual Equal Not And Or Xor IsNaN IsInf".split(" "),
);
const COUNTS: ReadonlySet<string> = new Set("Shape Size NonZero ArgMax ArgMin NonMaxSuppression".split(" "));
/** Operators whose first output is of their first operand's type do not need an entry. */
const LIKE: Readonly<Record<string, number>> = { Where: 1, OneHot: 2 };
/** What graphs inside a node, or lists, yield cannot be told from its inputs. */
const UNTOLD: ReadonlySet<string> = new Set(
  "If Loop Scan SequenceAt ConcatFromSequence Optional RandomUniform".split(" "),
);

/** The types of a node's outputs, as far as its inputs and attributes tell. */
export function outputTypes(
  op: string,
  inputs: readonly (DType | undefined)[],
  attributes: Readonly<Record<string, Attribute>>,
  count: number,
): readonly (DType | undefined)[] {
  const first = (): DType | undefined => {
    if (UNTOLD.has(op)) return undefined;
    if (op === "Cast" || op === "BitCast") return dtypeOfOnnx(attributes.to as number);
    if (TRUTHS.has(op)) return "bool";
    if (COUNTS.has(op)) return "int64";
    const { value } = attributes;
    if (op === "ConstantOfShape")
      return typeof value === "object" && "tensor" in value ? value.tensor.dtype : "float32";
    return inputs[LIKE[op] ?? 0];
  };
  const rest = op === "TopK" || op === "Unique" || op === "MaxPool" ? "int64" : op === "Split" ? inputs[0] : undefined;
  return Array.from({ length: count }, (_, i) => (i === 0 ? first() : rest));
}
