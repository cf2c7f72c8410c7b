import { invalidArgument } from "../errors.js";
import type { Feature } from "../example.js";
import { allocate, type DType, layouts, type NumericArray, type NumericDType } from "../tensor.js";
import { typeName } from "./type-names.js";

/** TensorFlow's types of the three kinds. */
export const kindNames = { bytes: "string", float: "float", int64: "int64" } as const;

const ranges: Partial<Record<DType, readonly [bigint, bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 63n - 1n],
  bool: [0n, 1n],
};

/** The kind of features that fill inputs of a type; undefined where none does. */
export function featureKind(dtype: DType): Feature["kind"] | undefined {
  if (dtype === "string") return "bytes";
  if (dtype === "float32" || dtype === "float64") return "float";
  return dtype === "int64" || ranges[dtype] ? "int64" : undefined;
}

/** Bytes an element takes; of a string, its reference. */
export const byteSize = (dtype: DType): number => (dtype === "string" ? 8 : layouts[dtype].bytes);

/**
 * The values of numeric features, one after the other, as an array of that type.
 * @throws ServingError INVALID_ARGUMENT for an integer that the type cannot hold
 */
export function fill(name: string, dtype: NumericDType, features: readonly Feature[], count: number): NumericArray {
  const data: NumericArray = allocate(dtype, count);
  const range = ranges[dtype];
  let at = 0;
  for (const { kind, values } of features) {
    if (kind === "float") (data as Float32Array | Float64Array).set(values, at);
    else if (kind === "int64") {
      if (range) putInRange(name, dtype, values, range, data, at);
      else (data as BigInt64Array).set(values, at);
    }
    at += values.length;
  }
  return data;
}

function putInRange(
  name: string,
  dtype: NumericDType,
  values: BigInt64Array,
  [least, most]: readonly [bigint, bigint],
  data: NumericArray,
  at: number,
): void {
  for (const [i, value] of values.entries()) {
    if (value < least || value > most) {
      throw invalidArgument(`Feature: ${name} has the value ${value}, which ${typeName(dtype)} cannot hold`);
    }
    data[at + i] = dtype === "uint64" ? value : Number(value);
  }
}
