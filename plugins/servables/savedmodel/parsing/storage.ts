import { allocate, type Feature, type Tensor, tensor } from "../../../../core/index.js";
import type { FeatureType } from "./plan.js";

type Values = Feature["values"] | Tensor["data"];

/** Elements of one of the types that features have, written piece by piece. */
export interface Storage {
  /** Writes `values`, which are of the storage's type, from the element `at` on. */
  put(values: Values, at: number): void;
  /** Fills all elements with one. */
  fill(values: Values): void;
  tensor(shape: readonly number[]): Tensor;
}

export function createStorage(dtype: FeatureType, count: number): Storage {
  if (dtype === "string") {
    const data = new Array<Uint8Array>(count);
    return {
      put: (values, at) => {
        for (const [i, value] of (values as readonly Uint8Array[]).entries()) data[at + i] = value;
      },
      fill: (values) => void data.fill((values as readonly Uint8Array[])[0]!),
      tensor: (shape) => tensor("string", shape, data),
    };
  }
  if (dtype === "int64") {
    const data = allocate("int64", count);
    return {
      put: (values, at) => data.set(values as BigInt64Array, at),
      fill: (values) => void data.fill((values as BigInt64Array)[0]!),
      tensor: (shape) => tensor("int64", shape, data),
    };
  }
  const data = allocate("float32", count);
  return {
    put: (values, at) => data.set(values as Float32Array, at),
    fill: (values) => void data.fill((values as Float32Array)[0]!),
    tensor: (shape) => tensor("float32", shape, data),
  };
}
