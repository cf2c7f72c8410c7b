import type { Example } from "./example.js";
import type { Classes, InferenceResult, InferenceTask } from "./inference.js";
import type { Tensors } from "./tensor.js";

type Answered = {
  readonly model: string;
  /** The version that answered. */
  readonly version: bigint;
  /** When the answer was ready, in milliseconds since 1970. */
  readonly timestamp: number;
  /** The rate by which it was chosen, from 0 to 1. */
  readonly samplingRate: number;
};

/** A request and its answer. Tensors and examples are views, as the request and the servable had them. */
export type LoggedRequest = Answered &
  (
    | {
        readonly kind: "predict";
        /** As the client wrote it, "" for the default one; also below. */
        readonly signature: string;
        readonly inputs: Tensors;
        /** Those that were asked for; empty for all. */
        readonly outputFilter: readonly string[];
        readonly outputs: Tensors;
      }
    | {
        readonly kind: "classify";
        readonly signature: string;
        readonly examples: readonly Example[];
        readonly classes: readonly Classes[];
      }
    | {
        readonly kind: "regress";
        readonly signature: string;
        readonly examples: readonly Example[];
        readonly values: Float32Array;
      }
    | {
        readonly kind: "multiInference";
        readonly tasks: readonly InferenceTask[];
        readonly examples: readonly Example[];
        readonly results: readonly InferenceResult[];
      }
  );

/**
 * Where a model's sampled requests go. Which ones, and what happens when they come too fast, is the core's to decide.
 *
 * Laws: opens nothing before the first `write`; `write` is not called again before it has settled, and not after
 * disposal, which is called once and leaves everything written. A log that has failed may be written to again.
 */
export interface RequestLog extends AsyncDisposable {
  /** @throws when the request could not be written */
  write(request: LoggedRequest): Promise<void>;
}
