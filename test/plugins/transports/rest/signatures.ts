import type { DType, Signature } from "salver";

/** A signature from names and types; shapes do not matter to REST. */
export function signature(inputs: Record<string, DType>, outputs: Record<string, DType> = {}): Signature {
  const specs = (types: Record<string, DType>) =>
    Object.fromEntries(Object.entries(types).map(([name, dtype]) => [name, { dtype, shape: null }]));
  return { inputs: specs(inputs), outputs: specs(outputs) };
}
