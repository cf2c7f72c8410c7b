import type { CodeName } from "./errors.js";
import type { Signature } from "./signature.js";
import type { Tensors } from "./tensor.js";

/** Which version a request means: an exact one, the one a label points to, or the highest that is available. */
export type ModelSpec = {
  readonly name: string;
  readonly version?: bigint;
  readonly label?: string;
};

export type RunOptions = {
  /** Outputs wanted; all when absent or empty. */
  readonly outputs?: readonly string[];
  readonly signal: AbortSignal;
};

/**
 * One version held for one request: it cannot unload until the lease is disposed. Disposing twice is harmless.
 */
export interface Lease extends Disposable {
  readonly model: string;
  readonly version: bigint;
  readonly signatures: Readonly<Record<string, Signature>>;
  /**
   * Checks names and dtypes against the signature, then runs it.
   * @throws ServingError FAILED_PRECONDITION for an unknown signature, INVALID_ARGUMENT for inputs that do not fit
   */
  predict(signatureName: string, inputs: Tensors, options: RunOptions): Promise<Tensors>;
}

/** TensorFlow Serving's public states. */
export type VersionState = "START" | "LOADING" | "AVAILABLE" | "UNLOADING" | "END";

export type VersionStatus = {
  readonly version: bigint;
  readonly state: VersionState;
  /** OK and "", or the error the version ended with. */
  readonly code: CodeName;
  readonly message: string;
};

export type Readiness = {
  readonly ready: boolean;
  /** Why not, one line a cause. */
  readonly reasons: readonly string[];
};

/** All that a transport may call. */
export interface Frontend {
  /** @throws NOT_FOUND `Servable not found for request: …`; INVALID_ARGUMENT for an unknown label */
  lease(spec: ModelSpec): Lease;
  /** Every version known of a model, highest first. @throws NOT_FOUND */
  status(spec: ModelSpec): readonly VersionStatus[];
  /** Names of the models configured. */
  models(): readonly string[];
  /**
   * Ready from when each configured model has been looked for and what was found of it is loaded or has failed, until
   * the server drains. A model that failed, or that has no version, is told by its status and holds back no other.
   */
  readiness(): Readiness;
}
