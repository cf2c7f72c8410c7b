import type { BatchRecord, Refusals } from "./batch-record.js";
import type { Caller } from "./caller.js";
import type { Config } from "./config/schema.js";
import type { CodeName } from "./errors.js";
import type { Example } from "./example.js";
import type { Classes, InferenceResult, InferenceTask } from "./inference.js";
import type { MaybePromise } from "./pending.js";
import type { Call } from "./servable.js";
import type { SessionResult, SessionRun } from "./session-run.js";
import type { Signature } from "./signature.js";
import type { RequestEvent } from "./telemetry.js";
import type { Tensors } from "./tensor.js";

/** Which version a request means: an exact one, the one a label points to, or the highest that is available. */
export type ModelSpec = {
  readonly name: string;
  readonly version?: bigint;
  readonly label?: string;
};

/** What a transport knows of a request beside its content; `Call` says what each means. */
export type RequestOptions = Caller & Pick<Call, "deadline" | "priority">;

export type RunOptions = RequestOptions & {
  /** Outputs wanted; all when absent or empty. */
  readonly outputs?: readonly string[];
};

/**
 * One version held for one request: it cannot unload until the lease is disposed. Disposing twice is harmless.
 */
export interface Lease extends Disposable {
  readonly model: string;
  readonly version: bigint;
  readonly signatures: Readonly<Record<string, Signature>>;
  /** As the servable's: the memory of an answered `predict`'s inputs may be used again. */
  readonly forgetsInputs?: boolean;
  /**
   * Checks names and dtypes against the signature, then runs it. Rejects as soon as the signal aborts, and holds the
   * version until the run has ended all the same, also after the lease's end. Answers at once where the servable does.
   * @throws ServingError FAILED_PRECONDITION for an unknown signature, INVALID_ARGUMENT for inputs that do not fit
   */
  predict(signatureName: string, inputs: Tensors, options: RunOptions): MaybePromise<Tensors>;
  /**
   * The classes of each example, in their order. Which signatures can classify says `serving/example-outputs`.
   * @throws ServingError INVALID_ARGUMENT for a signature, examples or outputs that do not fit
   */
  classify(signatureName: string, examples: readonly Example[], options: RequestOptions): Promise<readonly Classes[]>;
  /** One value for each example, in their order. @throws ServingError as `classify` */
  regress(signatureName: string, examples: readonly Example[], options: RequestOptions): Promise<Float32Array>;
  /**
   * Several questions about the same examples, answered in the tasks' order.
   * @throws ServingError as `classify`; INVALID_ARGUMENT for a signature that is asked twice, UNIMPLEMENTED for other methods
   */
  multiInference(
    tasks: readonly InferenceTask[],
    examples: readonly Example[],
    options: RequestOptions,
  ): Promise<readonly InferenceResult[]>;
  /** @throws ServingError UNIMPLEMENTED where the servable has no graph of named tensors, else what its run throws */
  runSession(run: SessionRun): Promise<SessionResult>;
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

export type ReloadOptions = {
  /** Ends the wait for the new models' loads; the change itself stays. */
  readonly signal?: AbortSignal;
};

/** All that a transport may call. */
export interface Frontend {
  /**
   * What becomes known of the request, its model, version, signature and examples, is written into `event`.
   * @throws NOT_FOUND `Servable not found for request: …`; INVALID_ARGUMENT for an unknown label
   */
  lease(spec: ModelSpec, event?: RequestEvent): Lease;
  /** Every version known of a model, highest first. @throws NOT_FOUND */
  status(spec: ModelSpec): readonly VersionStatus[];
  /**
   * The batches that ran last, the newest first: up to 100 for each signature of each version that is loaded.
   * @throws NOT_FOUND; INVALID_ARGUMENT for an unknown label; FAILED_PRECONDITION for a model that is not batched,
   * or has no version that is
   */
  batches(spec: ModelSpec): readonly BatchRecord[] | Promise<readonly BatchRecord[]>;
  /** Requests that came to no batch's answer for want of room or time. @throws INVALID_ARGUMENT for an unknown label */
  refusals(spec: ModelSpec): Refusals | Promise<Refusals>;
  /**
   * Makes these the configured models; relative paths in them are relative to the folder of the server's config. Adds
   * what is new, drops what is gone and gives the others their new rules, with no request failing but those for
   * dropped models. All of it, or nothing when anything is wrong. Calls take turns.
   *
   * A model keeps what it has loaded: a version of the same number is not loaded again from another place, and the
   * versions of the old place are served until those of the new one are there.
   *
   * Resolves when each new model has a version AVAILABLE, or has none to load.
   * @throws INVALID_ARGUMENT for models that are wrong (`cause` is the ConfigError), or a change of servable type;
   * FAILED_PRECONDITION for a label on a version that is not available, by `loading.labels`; UNKNOWN naming the new
   * models that could not be loaded: these are configured all the same
   */
  reload(models: Config["models"], options?: ReloadOptions): Promise<void>;
  /** Names of the models configured. */
  models(): readonly string[];
  /**
   * Ready from when each configured model has been looked for and what was found of it is loaded or has failed, until
   * the server drains. A model that failed, or that has no version, is told by its status and holds back no other.
   */
  readiness(): Readiness;
}
