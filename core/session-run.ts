import type { Tensor, Tensors } from "./tensor.js";

/** One run of a graph by the names of its own tensors, past all signatures. */
export type SessionRun = {
  /** By tensor name, such as `x:0`. */
  readonly feeds: Tensors;
  /** Names of the tensors wanted. */
  readonly fetches: readonly string[];
  /** Names of operations to run without wanting their outputs. */
  readonly targets: readonly string[];
  readonly signal: AbortSignal;
};

/** The tensors fetched, in the order of `fetches`. */
export type SessionResult = readonly Tensor[];
