import { type Tensor, viewBytes } from "../../../../core/index.js";
import { type Constant, constantBytes } from "../lowering/constant.js";
import type { OnnxGraph } from "../onnx/graph.js";

/** The numbers of a constant that lie outside of the models. */
export type WeightTensor = Exclude<Tensor, { dtype: "string" }>;

// What is smaller is no weight but a shape or an axis, which the runtime reads while it plans, or not worth a name.
export const LEAST_BYTES = 4096;
// One protocol buffer ends at 2 GiB; the rest is for the graph.
export const MOST_INSIDE = 2 ** 31 - 2 ** 24;

/**
 * The ids of constants to be kept outside of the models: those that several models use, so that they lie in memory once,
 * and all of a model that would be larger than a protocol buffer can be. Others are better off inside: the runtime gives
 * back what it has laid out anew.
 */
export function outlying(graphs: readonly OnnxGraph[]): ReadonlySet<string> {
  const users = new Map<string, number>();
  const outside = new Set<string>();
  for (const { initializers } of graphs) {
    const large = initializers.filter(({ constant }) => constantBytes(constant) >= LEAST_BYTES);
    const total = large.reduce((sum, { constant }) => sum + constantBytes(constant), 0);
    for (const { id } of large.map(({ constant }) => constant)) {
      const count = (users.get(id) ?? 0) + 1;
      users.set(id, count);
      if (count > 1 || total > MOST_INSIDE) outside.add(id);
    }
  }
  return outside;
}

/** In memory of its own, which can be given to another thread. */
export function weightTensor(constant: Constant): WeightTensor {
  const { dtype, shape } = constant;
  const bytes = new Uint8Array(new ArrayBuffer(constantBytes(constant)));
  constant.fill(bytes);
  return { dtype, shape, data: viewBytes(dtype as WeightTensor["dtype"], bytes) } as WeightTensor;
}
