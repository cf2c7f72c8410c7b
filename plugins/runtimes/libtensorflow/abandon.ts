import { isServingError, ServingError } from "../../../core/index.js";

/** Why a run was given up, as its caller should hear it. */
export function abortError(reason: unknown): ServingError {
  if (isServingError(reason)) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new ServingError("DEADLINE_EXCEEDED", "the deadline passed while the model ran", { cause: reason });
  }
  return new ServingError("CANCELLED", "the request was cancelled", { cause: reason });
}

/** Settles as `work` does, or rejects when `signal` aborts; `work` goes on then, and its end is of no interest. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(abortError(signal.reason));
    signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
