import type { Caller } from "./caller.js";
import type { Links } from "./links.js";
import type { MaybePromise } from "./pending.js";
import type { SessionResult, SessionRun } from "./session-run.js";
import type { Signature } from "./signature.js";
import type { Tensors } from "./tensor.js";

/** A batcher runs what is normal first and fills with what is low. */
export type Priority = "normal" | "low";

/** One run of one signature. Names and dtypes of `inputs` have been checked; shapes have not. */
export type Call = Caller & {
  readonly signature: string;
  readonly inputs: Tensors;
  /** The outputs wanted; all of the signature's when absent. */
  readonly outputs?: readonly string[];
  /** Until when the answer is of use, in milliseconds by the host's clock; no bound when absent. */
  readonly deadline?: number | undefined;
  /** "normal" when absent. */
  readonly priority?: Priority | undefined;
};

/**
 * A loaded model version, ready to answer.
 *
 * Laws: `run` may be called concurrently and never blocks the event loop; it may return views that stay valid
 * as long as they are referenced; it does not change or keep its inputs. Disposal gives memory back and is called
 * once, after the last run has settled.
 */
export interface Servable extends AsyncDisposable {
  readonly signatures: Readonly<Record<string, Signature>>;
  /** For a servable that calls other models; its signatures may be unknown, hence none, until it is first bound. */
  readonly links?: Links;
  /** What runs it, for people: `onnxruntime/ffi (cpu)`. */
  readonly engine?: string;
  /** Answers at once where that takes no longer than to have others wait. @throws ServingError, always by a promise */
  run(call: Call): MaybePromise<Tensors>;
  /**
   * Whether, once a run has settled, nothing of its inputs is looked at any more and no output is a view of them: their
   * memory may be used for another request as soon as this one is answered. Not when absent.
   */
  readonly forgetsInputs?: boolean;
  /**
   * What the `attach` of the type's factory makes a servable of in another thread of this process, on the same native
   * memory: data that can be posted, such as a session's address. Without it, and with `links`, other threads' runs come
   * here by message.
   */
  readonly handle?: unknown;
  /** For servables that are graphs with named tensors. @throws ServingError */
  runSession?(run: SessionRun): Promise<SessionResult>;
  /**
   * Called once when the version begins to unload or the server to drain: runs go on, and some may still come, but none
   * is to wait for others.
   * Never throws.
   */
  hurry?(): void;
}
