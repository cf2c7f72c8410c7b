import { type Feature, type Tensor, tensor } from "../../../../core/index.js";
import { type Allowance, type Breathe, type Column, kinds, typeOf, wrong } from "./column.js";
import type { SparsePlan } from "./plan.js";
import { createStorage } from "./storage.js";

/** Which of a sparse tensor's parts are used. */
export type Parts = { readonly indices: boolean; readonly values: boolean; readonly shape: boolean };

/** A feature as a sparse tensor: where each value stands, as pairs (example, place in it); the values; the shape. */
export function sparseColumn({ key, dtype }: SparsePlan, count: number, allow: Allowance, used: Parts): Column {
  const features: { readonly values: Feature["values"]; readonly example: number }[] = [];
  let total = 0;
  let most = 0;

  async function indices(breathe: Breathe): Promise<Tensor> {
    const data = new BigInt64Array(2 * total);
    // The low halves of the numbers, which are never large: no bigint is made.
    const halves = new Int32Array(data.buffer);
    let at = 0;
    for (const { values, example } of features) {
      for (let i = 0; i < values.length; i++, at += 4) {
        halves[at] = example;
        halves[at + 2] = i;
      }
      await breathe();
    }
    return tensor("int64", [total, 2], data);
  }

  async function values(breathe: Breathe): Promise<Tensor> {
    const storage = createStorage(dtype, total);
    let at = 0;
    for (const feature of features) {
      storage.put(feature.values, at);
      at += feature.values.length;
      await breathe();
    }
    return storage.tensor([total]);
  }

  return {
    add: ({ kind, values }, example) => {
      if (kind !== kinds[dtype]) {
        const [came, wanted] = [typeOf(kind), typeOf(kinds[dtype])];
        throw wrong(key, example, `Data types don't match. Expected type: ${wanted}, Actual type: ${came}`);
      }
      features.push({ values, example });
      total += values.length;
      most = Math.max(most, values.length);
    },
    missing: () => {},
    tensors: async (breathe) => {
      // What makes it dense again takes this much.
      allow(key, dtype, count * most);
      return [
        used.indices ? await indices(breathe) : undefined,
        used.values ? await values(breathe) : undefined,
        tensor("int64", [2], BigInt64Array.of(BigInt(count), BigInt(most))),
      ];
    },
  };
}
