import { type TensorOf, tensor } from "salver";

/** A tensor of float32 of a size that people send. */
export type Case = { readonly size: string; readonly tensor: TensorOf<"float32"> };

const filled = (size: string, shape: readonly number[]): Case => {
  const length = shape.reduce((product, dim) => product * dim, 1);
  // Ten thousandths, as pixels and scaled features are.
  const data = Float32Array.from({ length }, (_, i) => ((i * 7919) % 10_000) / 10_000);
  return { size, tensor: tensor("float32", shape, data) };
};

export const cases: readonly Case[] = [
  filled("1 float", [1]),
  filled("28 x 28", [1, 28, 28, 1]),
  filled("1000 rows of 39", [1000, 39]),
  filled("224 x 224 x 3", [1, 224, 224, 3]),
];
