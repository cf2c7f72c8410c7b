import type { Tensor } from "../../../../core/index.js";

/** The types that features have. */
export type FeatureType = "float32" | "int64" | "string";

/** A feature that becomes one tensor `[examples, …shape]`. */
export type DensePlan = {
  readonly key: string;
  readonly dtype: FeatureType;
  /** Of one example. The first number is -1 where examples have any number of rows, which are padded to the most. */
  readonly shape: readonly number[];
  /** The values of an example without the feature, which is refused where this is absent; the padding where padded. */
  readonly fallback?: Tensor;
  /** The ONNX input it feeds; absent where its values are not used. */
  readonly feed?: string;
};

/** A feature that becomes a sparse tensor `[examples, most values]`. */
export type SparsePlan = {
  readonly key: string;
  readonly dtype: FeatureType;
  readonly feeds: { readonly indices?: string; readonly values?: string; readonly shape?: string };
};

/** One parse of the serialized examples in an input of the signature, as one ParseExample node of the graph has it. */
export type ParsePlan = {
  readonly input: string;
  readonly dense: readonly DensePlan[];
  readonly sparse: readonly SparsePlan[];
};

/** The plan with its ONNX inputs renamed; those without a name are not fed. */
export function withNames(plan: ParsePlan, rename: (name: string) => string | undefined): ParsePlan {
  const named = <K extends string>(key: K, name: string | undefined) => {
    const next = name === undefined ? undefined : rename(name);
    return (next === undefined ? {} : { [key]: next }) as { readonly [key in K]?: string };
  };
  return {
    ...plan,
    dense: plan.dense.map(({ feed, ...dense }) => ({ ...dense, ...named("feed", feed) })),
    sparse: plan.sparse.map(({ feeds, ...sparse }) => ({
      ...sparse,
      feeds: {
        ...named("indices", feeds.indices),
        ...named("values", feeds.values),
        ...named("shape", feeds.shape),
      },
    })),
  };
}
