import { isServingError, ServingError } from "../errors.js";

/** Why a request ended early, from its signal's reason. */
export function abortError(signal: AbortSignal): ServingError {
  if (isServingError(signal.reason)) return signal.reason;
  const timedOut = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  return timedOut
    ? new ServingError("DEADLINE_EXCEEDED", "the request's deadline passed before its answer was ready")
    : new ServingError("CANCELLED", "the request was cancelled");
}
