/** One class of a classification. A graph that names no classes has empty labels, one without scores has zeros. */
export type Class = {
  /** Bytes, as the graph gave them: mostly UTF-8, but nothing makes them so. */
  readonly label: Uint8Array;
  readonly score: number;
};

/** The classes of one example. */
export type Classes = readonly Class[];

/** One question of several about the same examples. */
export type InferenceTask = {
  /** Empty: the default signature. */
  readonly signature: string;
  readonly method: "classify" | "regress";
};

export type InferenceResult =
  | { readonly method: "classify"; readonly signature: string; readonly classes: readonly Classes[] }
  | { readonly method: "regress"; readonly signature: string; readonly values: Float32Array };
