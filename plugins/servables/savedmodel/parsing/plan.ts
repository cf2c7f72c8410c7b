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
};

/** A feature that becomes a sparse tensor `[examples, most values]`. */
export type SparsePlan = { readonly key: string; readonly dtype: FeatureType };

/** One parse of serialized examples, as one ParseExample node of the graph has it. */
export type ParsePlan = {
  /** What holds the examples, for messages: `input "examples"`. */
  readonly source: string;
  readonly sparse: readonly SparsePlan[];
  readonly dense: readonly DensePlan[];
};
