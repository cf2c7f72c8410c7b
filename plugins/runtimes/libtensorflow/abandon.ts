import { type Caller, isServingError, offGone, onGone, ServingError } from "../../../core/index.js";

/** Why a run was given up, as its caller should hear it. */
export function abortError(reason: unknown): ServingError {
  if (isServingError(reason)) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new ServingError("DEADLINE_EXCEEDED", "the deadline passed while the model ran", { cause: reason });
  }
  return new ServingError("CANCELLED", "the request was cancelled", { cause: reason });
}

/** Settles as `work` does, or rejects when the caller goes; `work` goes on then, and its end is of no interest. */
export function abandonable<T>(work: Promise<T>, caller: Caller): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(abortError(caller.signal.reason));
    onGone(caller, leave);
    work.then(
      (value) => {
        offGone(caller, leave);
        resolve(value);
      },
      (error) => {
        offGone(caller, leave);
        reject(error);
      },
    );
  });
}
