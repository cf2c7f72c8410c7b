import type { DType } from "../../core/index.js";
import { DataType } from "../gen/tensorflow/core/framework/types_pb.js";

/** Each element type's DataType and the name that TensorFlow's own messages have for it. */
const table: Readonly<Record<DType, readonly [DataType, string]>> = {
  float32: [DataType.DT_FLOAT, "float"],
  float64: [DataType.DT_DOUBLE, "double"],
  int8: [DataType.DT_INT8, "int8"],
  int16: [DataType.DT_INT16, "int16"],
  int32: [DataType.DT_INT32, "int32"],
  int64: [DataType.DT_INT64, "int64"],
  uint8: [DataType.DT_UINT8, "uint8"],
  uint16: [DataType.DT_UINT16, "uint16"],
  uint32: [DataType.DT_UINT32, "uint32"],
  uint64: [DataType.DT_UINT64, "uint64"],
  bool: [DataType.DT_BOOL, "bool"],
  string: [DataType.DT_STRING, "string"],
  float16: [DataType.DT_HALF, "half"],
  bfloat16: [DataType.DT_BFLOAT16, "bfloat16"],
  complex64: [DataType.DT_COMPLEX64, "complex64"],
  complex128: [DataType.DT_COMPLEX128, "complex128"],
  float8e5m2: [DataType.DT_FLOAT8_E5M2, "float8_e5m2"],
  float8e4m3fn: [DataType.DT_FLOAT8_E4M3FN, "float8_e4m3fn"],
  float8e5m2fnuz: [DataType.DT_FLOAT8_E5M2FNUZ, "float8_e5m2fnuz"],
  float8e4m3fnuz: [DataType.DT_FLOAT8_E4M3FNUZ, "float8_e4m3fnuz"],
  qint8: [DataType.DT_QINT8, "qint8"],
  quint8: [DataType.DT_QUINT8, "quint8"],
  qint16: [DataType.DT_QINT16, "qint16"],
  quint16: [DataType.DT_QUINT16, "quint16"],
  qint32: [DataType.DT_QINT32, "qint32"],
};

const byNumber = new Map(Object.entries(table).map(([dtype, [number]]) => [number, dtype as DType]));

/** The DataType on the wire. */
export const dataTypeOf = (dtype: DType): DataType => table[dtype][0];

/** `undefined` for what Salver's tensors cannot hold, such as resources, variants and 4-bit integers. */
export const dtypeOf = (dataType: DataType): DType | undefined => byNumber.get(dataType);

/** TensorFlow's word for it: `float`, `half`, `int64`. */
export const tensorflowName = (dtype: DType): string => table[dtype][1];

/** The DataType's name: `DT_FLOAT`; the number where there is none. */
export const dataTypeName = (dataType: DataType): string => DataType[dataType] ?? String(dataType);
