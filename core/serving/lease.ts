import { type CodeName, failedPrecondition, internal, ServingError, toServingError, unimplemented } from "../errors.js";
import type { Lease, RunOptions } from "../frontend.js";
import type { Route } from "../lifecycle/routing-table.js";
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

export function leaseOf(
  model: string,
  route: Route,
  { onInternalError, telemetry, checkMethods = false, event, method = event?.method, onRelease }: LeaseHouse,
): Lease {
  const { servable, version } = route;
  const release = route.hold();
  let open = true;
  if (event) event.version = version;

  // A servable that throws instead of rejecting must not escape the hold's release.
  async function timed<T>(signature: string, run: () => Promise<T>, settled: () => void): Promise<T> {
    const start = performance.now();
    let code: CodeName = "OK";
    try {
      return await run();
    } catch (error) {
      code = toServingError(error).code;
      throw error;
    } finally {
      const milliseconds = performance.now() - start;
      telemetry.runEnded({ method, model, version, signature, code, milliseconds });
      settled();
    }
  }

  /** The caller may go before its run does: the run holds the version for itself. */
  function held<T>(signature: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw abortError(signal);
    const settled = route.hold();
    // Frees the caller as soon as its signal aborts, whatever the servable does with it.
    return orAborted(timed(signature, run, settled), signal);
  }

  const report = (cause: unknown) => onInternalError(model, version, cause);

  async function runSession(run: SessionRun): Promise<SessionResult> {
    if (!servable.runSession) {
      const engine = servable.engine ? ` (${servable.engine})` : "";
      throw unimplemented(
        `SessionRun needs a SavedModel that TensorFlow runs, and "${model}"${engine} is none: give its servable the option ` +
          `"engine: libtensorflow", or call Predict`,
      );
    }
    const go = servable.runSession.bind(servable, run);
    try {
      return await held("", run.signal, go);
    } catch (error) {
      throw reported(error, report);
    }
  }

  async function predict(name: string, inputs: Tensors, options: RunOptions): Promise<Tensors> {
    const signatureName = name || DEFAULT_SIGNATURE;
    const signature = Object.hasOwn(servable.signatures, signatureName)
      ? servable.signatures[signatureName]
      : undefined;
    if (!signature) throw failedPrecondition(`Serving signature key "${signatureName}" not found.`);
    if (event) event.signature = signatureName;
    if (checkMethods) checkPredictMethod(signature);
    const complete = checkInputs(signatureName, signature, inputs);
    const outputs = checkOutputs(signature, options.outputs);
    const { signal, deadline, priority } = options;
    try {
      const call = { signature: signatureName, inputs: complete, outputs, signal, deadline, priority };
      return pick(await held(signatureName, signal, () => servable.run(call)), signature, outputs);
    } catch (error) {
      throw explained(reported(error, report), signature, complete);
    }
  }

  const runner = { signatures: servable.signatures, predict, checkMethods };
  const counted = <T extends { readonly length: number }>(examples: T): T => {
    if (event) event.examples = examples.length;
    return examples;
  };
  return {
    model,
    version,
    signatures: servable.signatures,
    predict,
    classify: (name, examples, options) => classify(runner, name, counted(examples), options),
    regress: (name, examples, options) => regress(runner, name, counted(examples), options),
    multiInference: (tasks, examples, options) => multiInference(runner, tasks, counted(examples), options),
    runSession,
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      release();
      onRelease?.();
    },
  };
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

function reported(error: unknown, onInternalError: (cause: unknown) => void): ServingError {
  const failure = toServingError(error);
  if (failure.code === "INTERNAL") onInternalError(failure.cause ?? failure);
  return failure;
}

function explained(failure: ServingError, signature: Signature, inputs: Tensors): ServingError {
  if (failure.code !== "INVALID_ARGUMENT") return failure;
  const note = shapeNote(signature, inputs);
  return note === "" ? failure : new ServingError(failure.code, failure.message + note, { cause: failure.cause });
}
