import type { DType } from "../../core/index.js";

/** How a dtype's values lie in their field of a TensorProto. */
export type Encoding = "fixed" | "varint" | "varint64" | "bool" | "string" | "bytes";

export const DTYPE = 1;
export const SHAPE = 2;
export const CONTENT = 4;

/** The field of TensorProto in which the values of each dtype travel, and how. Complex numbers are pairs of items. */
export const valueFields: Readonly<Record<DType, { readonly field: number; readonly encoding: Encoding }>> = {
  float32: { field: 5, encoding: "fixed" },
  float64: { field: 6, encoding: "fixed" },
  int8: { field: 7, encoding: "varint" },
  int16: { field: 7, encoding: "varint" },
  int32: { field: 7, encoding: "varint" },
  uint8: { field: 7, encoding: "varint" },
  uint16: { field: 7, encoding: "varint" },
  qint8: { field: 7, encoding: "varint" },
  quint8: { field: 7, encoding: "varint" },
  qint16: { field: 7, encoding: "varint" },
  quint16: { field: 7, encoding: "varint" },
  qint32: { field: 7, encoding: "varint" },
  string: { field: 8, encoding: "string" },
  complex64: { field: 9, encoding: "fixed" },
  int64: { field: 10, encoding: "varint64" },
  bool: { field: 11, encoding: "bool" },
  complex128: { field: 12, encoding: "fixed" },
  float16: { field: 13, encoding: "varint" },
  bfloat16: { field: 13, encoding: "varint" },
  uint32: { field: 16, encoding: "varint" },
  uint64: { field: 17, encoding: "varint64" },
  float8e5m2: { field: 18, encoding: "bytes" },
  float8e4m3fn: { field: 18, encoding: "bytes" },
  float8e5m2fnuz: { field: 18, encoding: "bytes" },
  float8e4m3fnuz: { field: 18, encoding: "bytes" },
};
