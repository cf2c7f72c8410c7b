import { type DType, type NumericDType, unimplemented } from "../../../../core/index.js";

/** TensorFlow.js has these and no others; a graph's other numbers are kept in float32 and int32. */
export type TfjsDType = "float32" | "int32" | "bool" | "string" | "complex64";

/** What is served of a declared type, and what the library has in its place. */
export type Kind = { readonly dtype: DType; readonly inside: TfjsDType };

const kinds: Readonly<Record<string, Kind>> = {
  DT_FLOAT: { dtype: "float32", inside: "float32" },
  DT_DOUBLE: { dtype: "float64", inside: "float32" },
  DT_INT8: { dtype: "int8", inside: "int32" },
  DT_INT16: { dtype: "int16", inside: "int32" },
  DT_INT32: { dtype: "int32", inside: "int32" },
  DT_INT64: { dtype: "int64", inside: "int32" },
  DT_UINT8: { dtype: "uint8", inside: "int32" },
  DT_BOOL: { dtype: "bool", inside: "bool" },
  DT_STRING: { dtype: "string", inside: "string" },
  DT_COMPLEX64: { dtype: "complex64", inside: "complex64" },
  float32: { dtype: "float32", inside: "float32" },
  int32: { dtype: "int32", inside: "int32" },
  bool: { dtype: "bool", inside: "bool" },
  string: { dtype: "string", inside: "string" },
  complex64: { dtype: "complex64", inside: "complex64" },
};

/** Of TensorFlow's names and of the library's own. @throws UNIMPLEMENTED for a type that it does not carry */
export function kindOf(declared: string, what: string): Kind {
  const kind = kinds[declared];
  if (kind) return kind;
  throw unimplemented(`${what} is of type ${declared}, which TensorFlow.js does not carry`);
}

export type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export const insideArray = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
  complex64: Float32Array,
} as const satisfies Record<Exclude<TfjsDType, "string">, unknown>;

export type InsideNumeric = keyof typeof insideArray;
export type ServedNumeric = NumericDType;
