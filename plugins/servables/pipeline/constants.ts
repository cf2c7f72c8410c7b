import {
  allocate,
  type DType,
  elementCount,
  invalidArgument,
  type NumericDType,
  type Tensor,
  tensor,
} from "../../../core/index.js";

const writable: ReadonlySet<DType> = new Set<DType>([
  ...(["float32", "float64", "bool", "string"] as const),
  ...(["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"] as const),
]);
const encoder = new TextEncoder();

/** The type of a value for which nothing says another. */
export function naturalType(value: unknown): DType {
  const first = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY)[0] : value;
  return typeof first === "string" ? "string" : typeof first === "boolean" ? "bool" : "float32";
}

/** @throws INVALID_ARGUMENT for lists of different lengths, and for what is no value of the type */
export function constantTensor(value: unknown, dtype: DType): Tensor {
  const shape: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0]) shape.push(at.length);
  const items: unknown[] = [];
  const collect = (at: unknown, depth: number) => {
    if (Array.isArray(at) !== depth < shape.length || (Array.isArray(at) && at.length !== shape[depth])) {
      throw invalidArgument("its lists differ in length or depth");
    }
    if (Array.isArray(at)) for (const each of at) collect(each, depth + 1);
    else items.push(at);
  };
  collect(value, 0);
  return tensorOf(items, dtype, shape);
}

/** `value` in each element. */
export const filledTensor = (value: unknown, dtype: DType, shape: readonly number[]): Tensor =>
  tensorOf(new Array(elementCount(shape)).fill(value), dtype, shape);

function tensorOf(items: readonly unknown[], dtype: DType, shape: readonly number[]): Tensor {
  const refuse = (item: unknown) => invalidArgument(`${JSON.stringify(item)} is no ${dtype}`);
  if (!writable.has(dtype)) throw invalidArgument(`a config cannot say values of type ${dtype}`);
  if (dtype === "string") {
    const bytes = items.map((item) => {
      if (typeof item !== "string") throw refuse(item);
      return encoder.encode(item);
    });
    return tensor(dtype, shape, bytes);
  }
  const data = allocate(dtype as NumericDType, items.length);
  for (const [i, item] of items.entries()) {
    if (typeof item !== (dtype === "bool" ? "boolean" : "number")) throw refuse(item);
    const number = Number(item);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      if (!Number.isSafeInteger(number)) throw refuse(item);
      data[i] = BigInt(number);
    } else {
      data[i] = number;
    }
    const inexact = Number(data[i]) !== number && !dtype.startsWith("float");
    if (inexact) throw refuse(item);
  }
  return tensor(dtype as "float32", shape, data as Float32Array);
}
