/** The values of one feature of a tf.Example. */
export type Feature =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: BigInt64Array };

/** The most examples that a request may have: each takes memory beyond its bytes. */
export const MOST_EXAMPLES = 2 ** 22;

/** One tf.Example: both as a graph that parses examples itself takes it, and by its features. */
export interface Example {
  /** The serialized tf.Example, as it came. It is not checked: the graph that parses it judges it. */
  readonly bytes: Uint8Array;
  /**
   * The features that have values of some kind, by name; read anew with each call.
   * @throws ServingError INVALID_ARGUMENT where `bytes` are no tf.Example
   */
  features(): Readonly<Record<string, Feature>>;
}
