import type { Caller, MaybePromise, TensorSpec, Tensors } from "../../../core/index.js";
import type { OrtSessionOptions, Provider } from "./options.js";
import type { Weights } from "./weights.js";

/** A model by its file, beside which external data may lie, or in memory. */
export type OrtModel = { readonly path: string } | { readonly bytes: Uint8Array; readonly weights?: Weights };

/** What `attachSession` makes a session of in another thread of the process: the same native session. Can be posted. */
export type OrtHandle = {
  readonly address: bigint;
  readonly provider: Provider;
  readonly dispatch: OrtSessionOptions["dispatch"];
};

/** An output that a tensor cannot carry: a map, a sequence, an optional or a sparse tensor. */
export type HiddenOutput = { readonly name: string; readonly reason: string };

/**
 * A loaded model.
 * Laws: `run` may be called concurrently; disposal waits for the runs in flight, then gives the memory back; disposing
 * twice is harmless.
 */
export interface OrtSession extends AsyncDisposable {
  readonly engine: "ffi" | "binding";
  /** The execution provider in use: `cpu`, `cuda` or `webgpu`. */
  readonly provider: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** The outputs that are tensors. */
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly hiddenOutputs: readonly HiddenOutput[];
  /** Valid until disposal, which must come after that of the sessions made of it. Absent where threads cannot share. */
  readonly handle?: OrtHandle;
  /**
   * Runs the model for `outputs`, all of `this.outputs` when empty. The inputs are not changed, and not used once it has
   * answered, which runs on the event loop do at once.
   * @throws ServingError, always by a promise: INVALID_ARGUMENT for inputs that do not fit; CANCELLED, or the signal's own
   *   ServingError, when the caller's signal aborts; RESOURCE_EXHAUSTED where memory is short; UNAVAILABLE after disposal
   */
  run(inputs: Tensors, outputs: readonly string[], caller: Caller): MaybePromise<Tensors>;
  /** Whether its answers are no views of their inputs either. */
  readonly forgetsInputs: boolean;
  /**
   * `run` for the outputs named in `into`, which are written to its memory: tensors of the outputs' types and of the very
   * shapes that the run comes to, and no strings. Absent where the engine always makes memory of its own.
   * @throws as `run` does
   */
  runInto?(inputs: Tensors, into: Tensors, caller: Caller): Promise<void>;
}
