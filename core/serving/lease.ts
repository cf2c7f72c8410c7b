import { type Caller, CallerOf, isGone } from "../caller.js";
import { type CodeName, failedPrecondition, internal, ServingError, toServingError, unimplemented } from "../errors.js";
import type { Example } from "../example.js";
import type { Lease, RequestOptions, RunOptions } from "../frontend.js";
import type { Classes, InferenceResult, InferenceTask } from "../inference.js";
import type { Route } from "../lifecycle/routing-table.js";
import { isPending, type MaybePromise, whenDone } from "../pending.js";
import type { Call, Priority, Servable } from "../servable.js";
import type { SessionResult, SessionRun } from "../session-run.js";
import { DEFAULT_SIGNATURE, type Signature } from "../signature.js";
import type { RequestEvent, RequestMethod, Telemetry } from "../telemetry.js";
import type { Tensors } from "../tensor.js";
import { abortError } from "./abort-error.js";
import { checkInputs, checkOutputs, shapeNote } from "./check-inputs.js";
import { checkPredictMethod } from "./check-method.js";
import { classify } from "./classify.js";
import { multiInference } from "./multi-inference.js";
import { orAborted } from "./or-aborted.js";
import { regress } from "./regress.js";

/** Called for errors that are nobody's bad input; the client hears only that they happened. */
export type OnInternalError = (model: string, version: bigint, error: unknown) => void;

export type LeaseHouse = {
  readonly onInternalError: OnInternalError;
  readonly telemetry: Telemetry;
  /** Whether a signature's method must be that of the request; not when absent. */
  readonly checkMethods?: boolean;
  /** The request that leases, to be told what becomes known of it. */
  readonly event?: RequestEvent | undefined;
  /** What its runs are for; the event says it where there is one. */
  readonly method?: RequestMethod | undefined;
  /** Called once, when the lease is disposed. */
  readonly onRelease?: () => void;
};

export const leaseOf = (model: string, route: Route, house: LeaseHouse): Lease => new HeldVersion(model, route, house);

/** A class, because each request makes one: its methods cost no closures. */
class HeldVersion implements Lease {
  readonly #servable: Servable;
  readonly #release: () => void;
  readonly #method: RequestMethod | undefined;
  #open = true;

  constructor(
    readonly model: string,
    readonly route: Route,
    readonly house: LeaseHouse,
  ) {
    const { event, method = event?.method } = house;
    this.#servable = route.servable;
    this.#release = route.hold();
    this.#method = method;
    if (event) event.version = route.version;
  }

  get version(): bigint {
    return this.route.version;
  }

  get signatures(): Lease["signatures"] {
    return this.#servable.signatures;
  }

  get forgetsInputs(): boolean {
    return this.#servable.forgetsInputs ?? false;
  }

  get checkMethods(): boolean {
    return this.house.checkMethods ?? false;
  }

  predict(name: string, inputs: Tensors, options: RunOptions): MaybePromise<Tensors> {
    const { event } = this.house;
    const signatureName = name || DEFAULT_SIGNATURE;
    try {
      const signature = Object.hasOwn(this.signatures, signatureName) ? this.signatures[signatureName] : undefined;
      if (!signature) throw failedPrecondition(`Serving signature key "${signatureName}" not found.`);
      if (event) event.signature = signatureName;
      if (this.checkMethods) checkPredictMethod(signature);
      const complete = checkInputs(signatureName, signature, inputs);
      const outputs = checkOutputs(signature, options.outputs);
      const call = new CallOf(signatureName, complete, outputs, options);
      return whenDone(
        () => this.#run(signatureName, call, () => this.#servable.run(call)),
        (result) => pick(result, signature, outputs),
        (error) => explained(this.#reported(error), signature, complete),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  classify(name: string, examples: readonly Example[], options: RequestOptions): Promise<readonly Classes[]> {
    return classify(this, name, this.#counted(examples), options);
  }

  regress(name: string, examples: readonly Example[], options: RequestOptions): Promise<Float32Array> {
    return regress(this, name, this.#counted(examples), options);
  }

  multiInference(
    tasks: readonly InferenceTask[],
    examples: readonly Example[],
    options: RequestOptions,
  ): Promise<readonly InferenceResult[]> {
    return multiInference(this, tasks, this.#counted(examples), options);
  }

  async runSession(run: SessionRun): Promise<SessionResult> {
    const servable = this.#servable;
    if (!servable.runSession) {
      const engine = servable.engine ? ` (${servable.engine})` : "";
      throw unimplemented(
        `SessionRun needs a SavedModel that TensorFlow runs, and "${this.model}"${engine} is none: give its servable the option ` +
          `"engine: libtensorflow", or call Predict`,
      );
    }
    const go = servable.runSession.bind(servable, run);
    try {
      return await this.#run("", run, go);
    } catch (error) {
      throw this.#reported(error);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#release();
    this.house.onRelease?.();
  }

  /**
   * Runs, and tells the telemetry. The caller may go before its run does: what answers later holds the version for
   * itself, and who waits is freed as soon as the signal aborts, whatever the servable does with it.
   */
  #run<T>(signature: string, caller: Caller, run: () => MaybePromise<T>): MaybePromise<T> {
    if (isGone(caller)) throw abortError(caller.signal);
    const start = performance.now();
    const ended = (code: CodeName) => {
      const milliseconds = performance.now() - start;
      const { model, version } = this;
      this.house.telemetry.runEnded({ method: this.#method, model, version, signature, code, milliseconds });
    };
    let answer: MaybePromise<T>;
    try {
      answer = run();
    } catch (error) {
      // A servable that throws instead of rejecting.
      ended(toServingError(error).code);
      throw error;
    }
    if (!isPending(answer)) {
      ended("OK");
      return answer;
    }
    const settled = this.route.hold();
    const over = (code: CodeName) => {
      ended(code);
      settled();
    };
    return orAborted(answer, caller, over);
  }

  #reported(error: unknown): ServingError {
    const failure = toServingError(error);
    if (failure.code === "INTERNAL") {
      this.house.onInternalError(this.model, this.version, failure.cause ?? failure);
    }
    return failure;
  }

  #counted<T extends { readonly length: number }>(examples: T): T {
    if (this.house.event) this.house.event.examples = examples.length;
    return examples;
  }
}

class CallOf extends CallerOf implements Call {
  readonly deadline: number | undefined;
  readonly priority: Priority | undefined;

  constructor(
    readonly signature: string,
    readonly inputs: Tensors,
    readonly outputs: readonly string[],
    caller: RunOptions,
  ) {
    super(caller);
    this.deadline = caller.deadline;
    this.priority = caller.priority;
  }
}

function pick(result: Tensors, signature: Signature, outputs: readonly string[]): Tensors {
  for (const name of outputs) {
    const wanted = signature.outputs[name]?.dtype;
    const dtype = result[name]?.dtype;
    if (dtype === undefined) throw internal(`the servable gave no output "${name}"`);
    if (dtype !== wanted)
      throw internal(`the servable gave ${dtype} as output "${name}", its signature says ${wanted}`);
  }
  if (Object.keys(result).length === outputs.length) return result;
  return Object.fromEntries(outputs.map((name) => [name, result[name]!]));
}

function explained(failure: ServingError, signature: Signature, inputs: Tensors): ServingError {
  if (failure.code !== "INVALID_ARGUMENT") return failure;
  const note = shapeNote(signature, inputs);
  return note === "" ? failure : new ServingError(failure.code, failure.message + note, { cause: failure.cause });
}
