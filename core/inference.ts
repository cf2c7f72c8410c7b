/** One class of a classification. A graph that names no classes has empty labels, one without scores has zeros. */
export type Class = {
  /** Bytes, as the graph gave them: mostly UTF-8, but nothing makes them so. */
  readonly label: Uint8Array;
  readonly score: number;
};

/** The classes of one example. */
export type Classes = readonly Class[];

export const CLASSIFY_METHOD = "tensorflow/serving/classify";
export const REGRESS_METHOD = "tensorflow/serving/regress";

/** One question of several about the same examples. */
export type InferenceTask = {
  /** Empty: the default signature. */
  readonly signature: string;
  /** `CLASSIFY_METHOD` or `REGRESS_METHOD`; others are refused. */
  readonly method: string;
};

/** `signature` is the one that answered, never empty. */
export type InferenceResult =
  | { readonly method: "classify"; readonly signature: string; readonly classes: readonly Classes[] }
  | { readonly method: "regress"; readonly signature: string; readonly values: Float32Array };
