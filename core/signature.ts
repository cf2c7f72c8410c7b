import { type DType, record, type Tensors } from "./tensor.js";

/** What a signature says of one input or output. */
export type TensorSpec = {
  readonly dtype: DType;
  /** One number a dimension, -1 where any size goes; `null` when even the rank is open. */
  readonly shape: readonly number[] | null;
  /** Names of the dimensions ("" where there is none), e.g. ONNX's symbolic dimensions. Same length as `shape`. */
  readonly dimNames?: readonly string[];
  /** The runtime's own name of the tensor, e.g. `serving_default_x:0`; metadata shows it. */
  readonly name?: string;
  /** A call may leave this input out. */
  readonly optional?: boolean;
};

/** One callable function of a servable. */
export type Signature = {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** TensorFlow's method name. Default: `tensorflow/serving/predict`. */
  readonly method?: string;
  /** Values for inputs that a call leaves out. */
  readonly defaults?: Tensors;
  /** Inputs that are sure to be answered, where made-up ones might name what is not there: for warm-up and first tries. */
  readonly example?: Tensors;
  /** `false` where calls cannot go together by the first dimension of their tensors: a batcher runs each as it comes. */
  readonly batched?: false;
};

/** The signature that a request without a signature name means, as in TensorFlow Serving. */
export const DEFAULT_SIGNATURE = "serving_default";
export const PREDICT_METHOD = "tensorflow/serving/predict";

/** `[-1,28,28,1]`; `unknown` when the rank is open. */
export function formatShape(shape: readonly number[] | null): string {
  return shape === null ? "unknown" : `[${shape.join(",")}]`;
}

/** Whether a tensor of `shape` fits where `wanted` is declared. */
export function shapeFits(shape: readonly number[], wanted: readonly number[] | null): boolean {
  if (wanted === null) return true;
  return wanted.length === shape.length && wanted.every((size, i) => size === -1 || size === shape[i]);
}

/** Signatures that came from another thread: posting gives records prototypes, and names come from the model. */
export function restoredSignatures(signatures: Readonly<Record<string, Signature>>): Record<string, Signature> {
  const bare = <T>(source: Readonly<Record<string, T>>) => record(Object.entries(source));
  return record(
    Object.entries(signatures).map(
      ([name, signature]) =>
        [name, { ...signature, inputs: bare(signature.inputs), outputs: bare(signature.outputs) }] as const,
    ),
  );
}
