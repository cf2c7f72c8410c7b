import {
  allocate,
  elementCount,
  type NumericDType,
  record,
  type Signature,
  type Tensor,
  type TensorSpec,
  type Tensors,
} from "../../../core/index.js";
import type { SyntheticOptions } from "./options.js";

/** What the number one is in dtypes whose elements are bit patterns. */
const onePatterns: Partial<Record<NumericDType, number>> = {
  float16: 0x3c00,
  bfloat16: 0x3f80,
  float8e5m2: 0x3c,
  float8e4m3fn: 0x38,
  float8e5m2fnuz: 0x40,
  float8e4m3fnuz: 0x40,
};

function ones(dtype: NumericDType, count: number): Tensor["data"] {
  const data = allocate(dtype, count);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return data.fill(1n);
  if (dtype === "complex64" || dtype === "complex128") return data.map((_, i) => (i % 2 === 0 ? 1 : 0));
  return data.fill(onePatterns[dtype] ?? 1);
}

function made({ dtype, shape }: TensorSpec, batch: number, { openSize, fill }: SyntheticOptions): Tensor {
  const sizes = (shape ?? [-1]).map((size, i) => (size >= 0 ? size : i === 0 ? batch : openSize));
  const count = elementCount(sizes);
  const data =
    dtype === "string"
      ? Array.from({ length: count }, () => new Uint8Array())
      : fill === "ones"
        ? ones(dtype, count)
        : allocate(dtype, count);
  return { dtype, shape: sizes, data } as Tensor;
}

/** Inputs for every input that a call may not leave out. An open rank is taken for one open dimension. */
export function madeUpInputs(signature: Signature, batch: number, options: SyntheticOptions): Tensors {
  const { inputs, defaults } = signature;
  const needed = Object.entries(inputs).filter(([name, spec]) => !spec.optional && defaults?.[name] === undefined);
  return record(needed.map(([name, spec]) => [name, made(spec, batch, options)] as const));
}
