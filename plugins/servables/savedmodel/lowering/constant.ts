import { createHash } from "node:crypto";
import { bytesOf, type DType, elementCount, layouts, type Tensor, viewBytes } from "../../../../core/index.js";

/** A tensor known before the model runs. Its elements are read when they are written out or asked for, not before. */
export type Constant = {
  /** Equal ids mean equal contents. */
  readonly id: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Writes the little-endian elements into `target`, of exactly their size. Not for strings. */
  fill(target: Uint8Array): void;
  value(): Tensor;
};

/** Bytes its elements take; 0 for strings, which are never written this way. */
export const constantBytes = ({ dtype, shape }: Constant): number =>
  dtype === "string" ? 0 : elementCount(shape) * layouts[dtype].bytes;

export function constantOf(tensor: Tensor): Constant {
  const { dtype, shape } = tensor;
  const hash = createHash("sha256");
  if (dtype === "string") for (const item of tensor.data) hash.update(`${item.length}:`).update(item);
  else hash.update(bytesOf(tensor.data));
  return {
    id: `${dtype}[${shape}]${hash.digest("base64")}`,
    dtype,
    shape,
    fill: (target) => {
      if (tensor.dtype !== "string") target.set(bytesOf(tensor.data));
    },
    value: () => tensor,
  };
}

/** A numeric constant whose bytes something else brings, such as a checkpoint. */
export function storedConstant(
  id: string,
  dtype: Exclude<DType, "string">,
  shape: readonly number[],
  fill: (target: Uint8Array) => void,
): Constant {
  return {
    id,
    dtype,
    shape,
    fill,
    value: () => {
      const bytes = new Uint8Array(elementCount(shape) * layouts[dtype].bytes);
      fill(bytes);
      return { dtype, shape, data: viewBytes(dtype, bytes) } as Tensor;
    },
  };
}

/** The same elements under another shape with as many. */
export function reshaped(constant: Constant, shape: readonly number[]): Constant {
  if (shape.join() === constant.shape.join()) return constant;
  return {
    ...constant,
    id: `${constant.id}->[${shape}]`,
    shape,
    value: () => ({ ...constant.value(), shape }),
  };
}
