import { invalidArgument } from "./errors.js";

/**
 * Element types and how their elements lie in `data`:
 * bool is one byte (0 or 1); float16 and bfloat16 are their 16-bit patterns; complex numbers are (real, imaginary)
 * pairs; float8 kinds are their 8-bit patterns; a string is its bytes, so any byte, NUL included, survives.
 */
export interface TensorDataTypes {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
  readonly string: readonly Uint8Array[];
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly complex64: Float32Array;
  readonly complex128: Float64Array;
  readonly float8e5m2: Uint8Array;
  readonly float8e4m3fn: Uint8Array;
  readonly float8e5m2fnuz: Uint8Array;
  readonly float8e4m3fnuz: Uint8Array;
  readonly qint8: Int8Array;
  readonly quint8: Uint8Array;
  readonly qint16: Int16Array;
  readonly quint16: Uint16Array;
  readonly qint32: Int32Array;
}

export type DType = keyof TensorDataTypes;
export type TensorOf<D extends DType> = {
  readonly dtype: D;
  /** Row-major; a scalar is `[]`. */
  readonly shape: readonly number[];
  readonly data: TensorDataTypes[D];
};

/** Law: a Tensor is a view; it never owns or copies memory. Narrow on `dtype` to get at typed `data`. */
export type Tensor = { [D in DType]: TensorOf<D> }[DType];
export type NumericDType = Exclude<DType, "string">;
export type NumericArray = TensorDataTypes[NumericDType];

/** Tensors by name. Made with `record()` where names come from outside, so that `__proto__` is only a name. */
export type Tensors = Readonly<Record<string, Tensor>>;

type NumericArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
};

type Layout = {
  /** The typed array that views the data. */
  readonly array: NumericArrayConstructor;
  /** Array items per element: 2 for complex numbers, else 1. */
  readonly items: number;
  /** Bytes per element. */
  readonly bytes: number;
};

const layout = (array: unknown, items = 1): Layout => {
  const typed = array as NumericArrayConstructor;
  return { array: typed, items, bytes: typed.BYTES_PER_ELEMENT * items };
};

export const layouts: Readonly<Record<NumericDType, Layout>> = {
  float32: layout(Float32Array),
  float64: layout(Float64Array),
  int8: layout(Int8Array),
  int16: layout(Int16Array),
  int32: layout(Int32Array),
  int64: layout(BigInt64Array),
  uint8: layout(Uint8Array),
  uint16: layout(Uint16Array),
  uint32: layout(Uint32Array),
  uint64: layout(BigUint64Array),
  bool: layout(Uint8Array),
  float16: layout(Uint16Array),
  bfloat16: layout(Uint16Array),
  complex64: layout(Float32Array, 2),
  complex128: layout(Float64Array, 2),
  float8e5m2: layout(Uint8Array),
  float8e4m3fn: layout(Uint8Array),
  float8e5m2fnuz: layout(Uint8Array),
  float8e4m3fnuz: layout(Uint8Array),
  qint8: layout(Int8Array),
  quint8: layout(Uint8Array),
  qint16: layout(Int16Array),
  quint16: layout(Uint16Array),
  qint32: layout(Int32Array),
};

export const dtypes: readonly DType[] = [...(Object.keys(layouts) as NumericDType[]), "string"];

/** Number of elements; 1 for a scalar, 0 when any dimension is 0. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** Bytes that the elements take, without the containers around strings. */
export function byteLength(tensor: Tensor): number {
  if (tensor.dtype !== "string") return tensor.data.byteLength;
  let sum = 0;
  for (const item of tensor.data) sum += item.byteLength;
  return sum;
}

/**
 * A Tensor over `data`, checked: the length must be what `shape` says.
 * @throws INVALID_ARGUMENT when it is not, or when a dimension is negative or no integer.
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data: TensorDataTypes[D]): TensorOf<D> {
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) throw invalidArgument(`a tensor cannot have the shape [${shape}]`);
  }
  const wanted = elementCount(shape) * (dtype === "string" ? 1 : layouts[dtype as NumericDType].items);
  if (data.length !== wanted) {
    throw invalidArgument(`a ${dtype} tensor of shape [${shape}] takes ${wanted} items, got ${data.length}`);
  }
  return { dtype, shape, data };
}

/** A typed array of `count` zeroed elements. */
export function allocate<D extends NumericDType>(dtype: D, count: number): TensorDataTypes[D] {
  const { array, items } = layouts[dtype];
  return new array(count * items) as TensorDataTypes[D];
}

/**
 * Little-endian bytes as typed elements: a view where `bytes` is aligned for the type, else one copy.
 * The length of `bytes` must be a whole number of elements.
 */
export function viewBytes<D extends NumericDType>(dtype: D, bytes: Uint8Array): TensorDataTypes[D] {
  const { array } = layouts[dtype];
  const size = array.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
  return new array(aligned.buffer, aligned.byteOffset, aligned.byteLength / size) as TensorDataTypes[D];
}

/** The bytes under a numeric tensor, as a view. */
export function bytesOf(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JavaScript strings as a string tensor (UTF-8); the shape defaults to one dimension. */
export function strings(values: readonly string[], shape: readonly number[] = [values.length]): TensorOf<"string"> {
  return tensor(
    "string",
    shape,
    values.map((value) => encoder.encode(value)),
  );
}

/** The items of a string tensor, decoded as UTF-8. */
export function texts(tensor: Tensor): string[] {
  if (tensor.dtype !== "string") throw invalidArgument(`expected a string tensor, got ${tensor.dtype}`);
  return tensor.data.map((item) => decoder.decode(item));
}

/** A record without prototype, safe for names that come from outside. */
export function record<T>(entries: Iterable<readonly [string, T]> = []): Record<string, T> {
  const out: Record<string, T> = Object.create(null);
  for (const [name, value] of entries) out[name] = value;
  return out;
}
