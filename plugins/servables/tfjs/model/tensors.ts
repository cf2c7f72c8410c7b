import type { Tensor } from "@tensorflow/tfjs";
import { packStrings, unpackStrings } from "../../../runtimes/threads/index.js";
import type { Tf } from "../backend/library.js";
import { insideArray, type TfjsDType } from "./dtypes.js";
import type { Value } from "./values.js";

/** Strings are given and taken as bytes. */
export function toTensor(tf: Tf, { dtype, shape, data }: Value): Tensor {
  if ("ends" in data) return tf.tensor(unpackStrings(data) as never, [...shape], "string");
  if (dtype !== "complex64") return tf.tensor(data, [...shape], dtype);
  const [real, imaginary] = [new Float32Array(data.length / 2), new Float32Array(data.length / 2)];
  for (let i = 0; i < real.length; i++) [real[i], imaginary[i]] = [data[2 * i]!, data[2 * i + 1]!];
  return tf.tidy(() => tf.complex(tf.tensor(real, [...shape]), tf.tensor(imaginary, [...shape])));
}

/** A copy, as the library's own memory must not leave its thread. */
export async function fromTensor(made: Tensor): Promise<Value> {
  const { shape } = made;
  const dtype = made.dtype as TfjsDType;
  if (dtype === "string") {
    return { dtype, shape, data: packStrings((await made.bytes()) as Uint8Array[]) };
  }
  const data = (await made.data()) as ArrayLike<number>;
  return { dtype, shape, data: insideArray[dtype].from(data) };
}
