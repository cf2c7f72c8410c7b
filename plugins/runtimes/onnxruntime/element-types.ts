import type { DType } from "../../../core/index.js";

/**
 * ONNX Runtime's element types by their number in `ONNXTensorElementDataType`, which is ONNX's own `DataType` up to 23.
 * The ones without a DType pack several elements into a byte, or have no type in Salver.
 */
const byNumber: readonly (DType | { readonly lacking: string })[] = [
  { lacking: "undefined" },
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  { lacking: "uint4" },
  { lacking: "int4" },
  { lacking: "float4e2m1" },
  { lacking: "uint2" },
  { lacking: "int2" },
  { lacking: "float8e8m0" },
];

/** The DType of ONNX Runtime's element type `number`, or the name of the type that Salver has no tensor for. */
export function dtypeOf(number: number): DType | { readonly lacking: string } {
  return byNumber[number] ?? { lacking: `element type ${number}` };
}

const numbers = new Map(byNumber.flatMap((dtype, number) => (typeof dtype === "string" ? [[dtype, number]] : [])));

/** ONNX Runtime's number of a DType; undefined for TensorFlow's quantized types, which ONNX has not. */
export const elementTypeOf = (dtype: DType): number | undefined => numbers.get(dtype);
