import {
  allocate,
  type DType,
  elementCount,
  internal,
  invalidArgument,
  type NumericDType,
  shapeFits,
  type Tensor,
  tensor,
} from "../../../../core/index.js";
import { buffersOf, type PackedStrings, packStrings, unpackStrings } from "../../../runtimes/threads/index.js";
import { insideArray, type Numbers, type TfjsDType } from "./dtypes.js";
import type { Port } from "./ports.js";

/** A tensor between the threads, in a type that the library has. Its buffers are given away. */
export type Value = {
  readonly dtype: TfjsDType;
  readonly shape: readonly number[];
  readonly data: Numbers | PackedStrings;
};

const MOST = 2n ** 31n - 1n;
const LEAST = -(2n ** 31n);

/** The library has no int64: what a graph declares as such it keeps in int32. */
function narrowed(data: BigInt64Array, name: string): Int32Array<ArrayBuffer> {
  const made = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value > MOST || value < LEAST) {
      throw invalidArgument(`input "${name}" has the value ${value}; TensorFlow.js computes int64 in 32 bits`);
    }
    made[i] = Number(value);
  }
  return made;
}

/** A copy for another thread. @throws INVALID_ARGUMENT for a shape that does not fit, or an int64 beyond 32 bits */
export function toValue({ name, inside, shape: wanted }: Port, { dtype, shape, data }: Tensor): Value {
  if (!shapeFits(shape, wanted)) {
    throw invalidArgument(`input "${name}" has the shape [${shape}], and the model wants [${wanted}] (-1: any size)`);
  }
  if (dtype === "string") return { dtype: "string", shape, data: packStrings(data) };
  if (inside === "string") throw invalidArgument(`input "${name}" takes strings, got ${dtype}`);
  const made = data instanceof BigInt64Array ? narrowed(data, name) : insideArray[inside].from(data as Float32Array);
  return { dtype: inside, shape, data: made };
}

/** The tensor that a port declares, from what the model gave. */
export function fromValue({ dtype, name }: Port, { shape, data }: Value): Tensor {
  if ("ends" in data) return tensor("string", shape, unpackStrings(data));
  if (dtype === "string") throw internal(`output "${name}" should be strings`);
  return { dtype, shape, data: widened(dtype, shape, data) } as Tensor;
}

function widened<D extends NumericDType>(dtype: D, shape: readonly number[], data: Numbers): Numbers | BigInt64Array {
  const direct: readonly DType[] = ["float32", "int32", "bool", "complex64"];
  if (direct.includes(dtype)) return data;
  const made = allocate<NumericDType>(dtype, elementCount(shape));
  const big = made instanceof BigInt64Array;
  for (let i = 0; i < data.length; i++) made[i] = big ? BigInt(data[i]!) : data[i]!;
  return made as Numbers;
}

export const buffersUnder = ({ data }: Value): readonly ArrayBuffer[] =>
  "ends" in data ? buffersOf(data) : [data.buffer];
