import { type Feature, type Tensor, tensor } from "../../../../core/index.js";
import { type Column, checkSize, kinds, typeOf, wrong } from "./column.js";
import type { SparsePlan } from "./plan.js";
import { createStorage } from "./storage.js";

/** A feature as a sparse tensor: where each value stands, as pairs (example, place in it); the values; the shape. */
export function sparseColumn({ key, dtype, feeds }: SparsePlan, count: number): Column {
  const features: { readonly values: Feature["values"]; readonly example: number }[] = [];
  let total = 0;
  let most = 0;

  function indices(): Tensor {
    const data = new BigInt64Array(2 * total);
    let at = 0;
    for (const { values, example } of features) {
      for (let i = 0; i < values.length; i++) {
        data[at++] = BigInt(example);
        data[at++] = BigInt(i);
      }
    }
    return tensor("int64", [total, 2], data);
  }

  function values(): Tensor {
    const storage = createStorage(dtype, total);
    let at = 0;
    for (const feature of features) {
      storage.put(feature.values, at);
      at += feature.values.length;
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
    feeds: () => {
      // What makes it dense again takes this much.
      checkSize(key, dtype, count * most);
      const made: (readonly [string, Tensor])[] = [];
      if (feeds.indices !== undefined) made.push([feeds.indices, indices()]);
      if (feeds.values !== undefined) made.push([feeds.values, values()]);
      if (feeds.shape !== undefined) {
        made.push([feeds.shape, tensor("int64", [2], BigInt64Array.of(BigInt(count), BigInt(most)))]);
      }
      return made;
    },
  };
}
