import type { DType } from "../../../../core/index.js";

/** The numbers of `TensorProto.DataType` in onnx.proto, for the types that ONNX has. */
const numbers: Readonly<Partial<Record<DType, number>>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** undefined for types that ONNX lacks: complex numbers in practice, and TensorFlow's quantized types. */
export const onnxType = (dtype: DType): number | undefined => numbers[dtype];

const byNumber = new Map(Object.entries(numbers).map(([dtype, number]) => [number, dtype as DType]));

export const dtypeOfOnnx = (number: number): DType | undefined => byNumber.get(number);
