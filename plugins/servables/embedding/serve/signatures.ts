import { DEFAULT_SIGNATURE, type Signature, type TensorOf, type TensorSpec, tensor } from "../../../../core/index.js";
import { type Combiner, combiners } from "../table/bags.js";

export const DEFAULT_K = 10;

/** Some of a table's rows, one dimension: what a request can be tried with. */
export type FirstItems = { readonly ids: TensorOf<"int64">; readonly keys?: TensorOf<"string"> };

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
export function describeSignatures(width: number, hasKeys: boolean, first: FirstItems): ReadonlyMap<string, Described> {
  const by = hasKeys ? "keys" : "ids";
  const [count = 0] = first.ids.shape;
  const listed = first[by] ?? first.ids;
  const ends = tensor("int64", [2], BigInt64Array.of(0n, BigInt(count)));
  const items = (name: "ids" | "keys", shape: readonly number[] | null): Record<string, TensorSpec> => ({
    [name]: { dtype: name === "ids" ? "int64" : "string", shape },
  });
  const vectors = (shape: readonly number[] | null) => ({ embeddings: { dtype: "float32", shape } as const });
  const gather = (name: "ids" | "keys"): Described => ({
    role: { kind: "gather", by: name },
    signature: { inputs: items(name, null), outputs: vectors(null), example: { [name]: first[name] ?? first.ids } },
  });
  const bags = combiners.flatMap((combiner): [string, Described][] => [
    [
      combiner,
      {
        role: { kind: "padded", by, combiner },
        signature: {
          inputs: { ...items(by, [-1, -1]), weights: optional("float32", [-1, -1]) },
          outputs: vectors([-1, width]),
          example: { [by]: { ...listed, shape: [1, count] } },
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
          example: { [by]: listed, row_splits: ends },
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
