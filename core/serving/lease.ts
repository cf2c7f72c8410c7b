import { type CodeName, failedPrecondition, internal, ServingError, toServingError } from "../errors.js";
import type { Lease, RunOptions } from "../frontend.js";
import type { Route } from "../lifecycle/routing-table.js";
import { DEFAULT_SIGNATURE, type Signature } from "../signature.js";
import type { RequestEvent, Telemetry } from "../telemetry.js";
import type { Tensors } from "../tensor.js";
import { abortError } from "./abort-error.js";
import { checkInputs, checkOutputs, shapeNote } from "./check-inputs.js";
import { classify } from "./classify.js";
import { multiInference } from "./multi-inference.js";
import { regress } from "./regress.js";

/** Called for errors that are nobody's bad input; the client hears only that they happened. */
export type OnInternalError = (model: string, version: bigint, error: unknown) => void;

export type LeaseHouse = {
  readonly onInternalError: OnInternalError;
  readonly telemetry: Telemetry;
  /** The request that leases, to be told what becomes known of it. */
  readonly event?: RequestEvent | undefined;
};

export function leaseOf(model: string, route: Route, { onInternalError, telemetry, event }: LeaseHouse): Lease {
  const { servable, version } = route;
  const release = route.hold();
  if (event) event.version = version;

  // A servable that throws instead of rejecting must not escape the hold's release.
  async function runOf(
    signature: string,
    inputs: Tensors,
    outputs: readonly string[],
    signal: AbortSignal,
  ): Promise<Tensors> {
    const start = performance.now();
    let code: CodeName = "OK";
    try {
      return await servable.run({ signature, inputs, outputs, signal });
    } catch (error) {
      code = toServingError(error).code;
      throw error;
    } finally {
      const milliseconds = performance.now() - start;
      telemetry.runEnded({ method: event?.method, model, version, signature, code, milliseconds });
    }
  }

  async function predict(name: string, inputs: Tensors, options: RunOptions): Promise<Tensors> {
    const signatureName = name || DEFAULT_SIGNATURE;
    const signature = Object.hasOwn(servable.signatures, signatureName)
      ? servable.signatures[signatureName]
      : undefined;
    if (!signature) throw failedPrecondition(`Serving signature key "${signatureName}" not found.`);
    if (event) event.signature = signatureName;
    const complete = checkInputs(signatureName, signature, inputs);
    const outputs = checkOutputs(signature, options.outputs);
    const { signal } = options;
    if (signal.aborted) throw abortError(signal);

    // The caller may go before its run does: the run holds the version for itself.
    const settled = route.hold();
    const run = runOf(signatureName, complete, outputs, signal).finally(settled);
    try {
      const result = await orAborted(run, signal);
      return pick(result, outputs);
    } catch (error) {
      throw explained(error, signature, complete, (cause) => onInternalError(model, version, cause));
    }
  }

  const runner = { signatures: servable.signatures, predict };
  const counted = <T extends { readonly length: number }>(examples: T): T => {
    if (event) event.examples = examples.length;
    return examples;
  };
  return {
    model,
    version,
    ...runner,
    classify: (name, examples, options) => classify(runner, name, counted(examples), options),
    regress: (name, examples, options) => regress(runner, name, counted(examples), options),
    multiInference: (tasks, examples, options) => multiInference(runner, tasks, counted(examples), options),
    [Symbol.dispose]: release,
  };
}

/** Frees the caller as soon as its signal aborts, whatever the servable does with it. */
function orAborted<T>(run: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(signal));
    signal.addEventListener("abort", abort, { once: true });
    run.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function pick(result: Tensors, outputs: readonly string[]): Tensors {
  for (const name of outputs) {
    if (result[name] === undefined) throw internal(`the servable gave no output "${name}"`);
  }
  if (Object.keys(result).length === outputs.length) return result;
  return Object.fromEntries(outputs.map((name) => [name, result[name]!]));
}

function explained(
  error: unknown,
  signature: Signature,
  inputs: Tensors,
  onInternalError: (cause: unknown) => void,
): ServingError {
  const failure = toServingError(error);
  if (failure.code === "INTERNAL") onInternalError(failure.cause ?? failure);
  if (failure.code !== "INVALID_ARGUMENT") return failure;
  const note = shapeNote(signature, inputs);
  return note === "" ? failure : new ServingError(failure.code, failure.message + note, { cause: failure.cause });
}
