import type { Tensor } from "../../../../core/index.js";
import type { Pace } from "./pace.js";

type Outputs = readonly (Tensor | undefined)[];

/**
 * A pure function on tensors. `wanted` says which outputs are used; others may be left out.
 * @throws ServingError INVALID_ARGUMENT, in TensorFlow's words where a caller can cause it
 */
export type Kernel = (
  inputs: readonly Tensor[],
  pace: Pace,
  wanted: readonly boolean[],
) => Outputs | PromiseLike<Outputs>;

/**
 * An operator that ONNX Runtime lacks, in a step of our own. Rules write it with its attributes, which travel between
 * threads as plain data; `open` makes of them what runs.
 */
export type HostOp<A> = {
  /** Unique among all. */
  readonly name: string;
  readonly open: (attributes: A) => Kernel;
};

/** What is known only by its name in the list of all. */
export type AnyHostOp = HostOp<never>;
