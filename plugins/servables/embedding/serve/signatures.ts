import { DEFAULT_SIGNATURE, type Signature, type TensorSpec, tensor } from "../../../../core/index.js";
import { type Combiner, combiners } from "../table/bags.js";

export const DEFAULT_K = 10;

/** What a signature does. `by`: whether its rows are named by ids or keys. */
export type Role =
  | { readonly kind: "gather"; readonly by: "ids" | "keys" }
  | { readonly kind: "padded" | "ragged"; readonly by: "ids" | "keys"; readonly combiner: Combiner }
  | { readonly kind: "nearest" };

export type Described = { readonly role: Role; readonly signature: Signature };

const optional = (dtype: TensorSpec["dtype"], shape: readonly number[]): TensorSpec => ({
  dtype,
  shape,
  optional: true,
});

/** The signatures of a table `width` numbers wide, by name. A table with keys is asked by them, and by ids through `by_id`. */
export function describeSignatures(width: number, hasKeys: boolean): ReadonlyMap<string, Described> {
  const by = hasKeys ? "keys" : "ids";
  const items = (name: "ids" | "keys", shape: readonly number[] | null): Record<string, TensorSpec> => ({
    [name]: { dtype: name === "ids" ? "int64" : "string", shape },
  });
  const vectors = (shape: readonly number[] | null) => ({ embeddings: { dtype: "float32", shape } as const });
  const gather = (name: "ids" | "keys"): Described => ({
    role: { kind: "gather", by: name },
    signature: { inputs: items(name, null), outputs: vectors(null) },
  });
  const bags = combiners.flatMap((combiner): [string, Described][] => [
    [
      combiner,
      {
        role: { kind: "padded", by, combiner },
        signature: {
          inputs: { ...items(by, [-1, -1]), weights: optional("float32", [-1, -1]) },
          outputs: vectors([-1, width]),
        },
      },
    ],
    [
      `${combiner}_ragged`,
      {
        role: { kind: "ragged", by, combiner },
        signature: {
          inputs: {
            ...items(by, [-1]),
            row_splits: optional("int64", [-1]),
            lengths: optional("int64", [-1]),
            weights: optional("float32", [-1]),
          },
          outputs: vectors([-1, width]),
          batched: false,
        },
      },
    ],
  ]);
  const nearest: Signature = {
    inputs: { query: { dtype: "float32", shape: [-1, width] }, k: { dtype: "int32", shape: [] } },
    outputs: {
      ids: { dtype: "int64", shape: [-1, -1] },
      scores: { dtype: "float32", shape: [-1, -1] },
      ...(hasKeys ? { keys: { dtype: "string", shape: [-1, -1] } } : {}),
    },
    defaults: { k: tensor("int32", [], Int32Array.of(DEFAULT_K)) },
    batched: false,
  };
  return new Map([
    [DEFAULT_SIGNATURE, gather(by)],
    ...(hasKeys ? ([["by_id", gather("ids")]] as const) : []),
    ...bags,
    ["nearest", { role: { kind: "nearest" }, signature: nearest }],
  ]);
}
