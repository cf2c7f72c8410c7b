import {
  allocate,
  type DType,
  elementCount,
  invalidArgument,
  layouts,
  type NumericDType,
  resourceExhausted,
  type Tensor,
} from "../../../../core/index.js";

/** The most bytes that one result of a host step may take: a small request can ask for a large tensor. */
const LARGEST = 2 ** 30;

/** Elements that are written one by one. */
export type Elements = { readonly length: number; [index: number]: number | bigint | Uint8Array };

const EMPTY = new Uint8Array();

/**
 * A new tensor and its elements: zeros, or empty strings.
 * @throws RESOURCE_EXHAUSTED before more than 1 GiB is taken
 */
export function blank(dtype: DType, shape: readonly number[]): { readonly tensor: Tensor; readonly items: Elements } {
  const count = elementCount(shape);
  if (shape.some((size) => size < 0)) throw invalidArgument(`a tensor cannot have the shape [${shape}]`);
  const size = count * (dtype === "string" ? 8 : layouts[dtype].bytes);
  if (!(size <= LARGEST)) {
    throw resourceExhausted(
      `a ${dtype} tensor of shape [${shape}] would take ${size} bytes, and ${LARGEST} are allowed`,
    );
  }
  const data = dtype === "string" ? new Array<Uint8Array>(count).fill(EMPTY) : allocate(dtype as NumericDType, count);
  return { tensor: { dtype, shape, data } as Tensor, items: data as unknown as Elements };
}

export const itemsOf = (tensor: Tensor): Elements => tensor.data as unknown as Elements;

/** The elements of an integer tensor as numbers; exact up to 2 ** 53. */
export function numbersOf(tensor: Tensor | undefined): number[] {
  const data = tensor?.data ?? [];
  if (!(data instanceof BigInt64Array)) return Array.from(data as ArrayLike<number>, Number);
  // By halves, so that no bigint is made.
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  const numbers = new Array<number>(data.length);
  for (let i = 0; i < data.length; i++) numbers[i] = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
  return numbers;
}

/** The same elements under another shape with as many. */
export const withShape = (tensor: Tensor, shape: readonly number[]): Tensor => ({ ...tensor, shape }) as Tensor;

/** Row-major steps from one index of a dimension to the next. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d]!;
  }
  return strides;
}

/**
 * The shape with its -1 replaced by what makes it hold `count` elements, which may be no whole number.
 * @throws INVALID_ARGUMENT in TensorFlow's words when any size would do
 */
export function inferredShape(wanted: readonly number[], count: number): number[] {
  const rest = wanted.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (rest === 0 && wanted.includes(-1)) {
    throw invalidArgument(
      "reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero",
    );
  }
  return wanted.map((size) => (size === -1 ? count / rest : size));
}
