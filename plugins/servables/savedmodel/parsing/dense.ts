import { elementCount, type Feature, formatShape, invalidArgument } from "../../../../core/index.js";
import { type Allowance, type Column, kinds, typeOf, wrong } from "./column.js";
import type { DensePlan } from "./plan.js";
import { createStorage } from "./storage.js";

function checkKind({ key, dtype }: DensePlan, feature: Feature, example: number): void {
  if (feature.kind === kinds[dtype]) return;
  const [came, wanted] = [typeOf(feature.kind), typeOf(kinds[dtype])];
  throw wrong(key, example, `Data types don't match. Data type: ${came} but expected type: ${wanted}`);
}

/** A feature with the same number of values in each of `count` examples. */
export function fixedColumn(plan: DensePlan, count: number, allow: Allowance, used: boolean): Column {
  const { key, dtype, shape, fallback } = plan;
  const wanted = elementCount(shape);
  if (used) allow(key, dtype, count * wanted);
  const storage = used ? createStorage(dtype, count * wanted) : undefined;
  return {
    add: (feature, example) => {
      checkKind(plan, feature, example);
      const { length } = feature.values;
      // TensorFlow reads no more strings than fit, and takes those that are left for a broken list.
      if (length > wanted && dtype === "string") throw wrong(key, example, "Can't parse serialized Example.");
      if (length !== wanted) {
        const text = `Number of ${feature.kind} values != expected.  Values size: ${length} but output shape: `;
        throw wrong(key, example, text + formatShape(shape));
      }
      storage?.put(feature.values, example * wanted);
    },
    missing: (example) => {
      if (fallback) return storage?.put(fallback.data, example * wanted);
      throw invalidArgument(
        `Name: <unknown>, Feature: ${key} (data type: ${typeOf(kinds[dtype])}) is required but could not be found.`,
      );
    },
    tensors: async () => [storage?.tensor([count, ...shape])],
  };
}

/** A feature with any number of rows in each of `count` examples, padded to the most that one has. */
export function paddedColumn(plan: DensePlan, count: number, allow: Allowance, used: boolean): Column {
  const { key, dtype, shape, fallback } = plan;
  const inner = shape.slice(1);
  const row = elementCount(inner);
  const features: { readonly feature: Feature; readonly example: number }[] = [];
  let rows = 0;
  return {
    add: (feature, example) => {
      checkKind(plan, feature, example);
      const { length } = feature.values;
      if (length % row !== 0) {
        throw wrong(
          key,
          example,
          `Number of ${feature.kind} values is not a multiple of stride length. Saw ${length} values but output shape ` +
            `is: ${formatShape(shape).replace("-1", "?")}`,
        );
      }
      rows = Math.max(rows, length / row);
      if (used) features.push({ feature, example });
    },
    missing: () => {},
    tensors: async (breathe) => {
      if (!used) return [undefined];
      allow(key, dtype, count * rows * row);
      const storage = createStorage(dtype, count * rows * row);
      if (fallback) storage.fill(fallback.data);
      for (const { feature, example } of features) {
        storage.put(feature.values, example * rows * row);
        await breathe();
      }
      return [storage.tensor([count, rows, ...inner])];
    },
  };
}
