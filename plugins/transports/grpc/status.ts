import { Code, isServingError, type Logger, ServingError, toServingError } from "../../../core/index.js";

/** The longest error text that TensorFlow Serving sends, in bytes. */
const LONGEST = 1024;

export type Status = { readonly code: number; readonly details: string };

export const OK: Status = { code: Code.OK, details: "OK" };

/** The error as gRPC sends it. What is no ServingError goes to the log; the client hears only that it happened. */
export function toStatus(error: unknown, log: Logger): Status {
  if (!isServingError(error)) log.error({ error }, "a gRPC request failed unexpectedly");
  const { code, message } = toServingError(error);
  const bytes = Buffer.from(message);
  // Through bytes in any case: grpc-js throws on half of a surrogate pair.
  const details = bytes.length <= LONGEST ? bytes.toString() : `${bytes.subarray(0, LONGEST).toString()}...TRUNCATED`;
  return { code: Code[code], details };
}

/** Why a call ended early: its deadline, in milliseconds since 1970, or its client. */
export function abortReason(deadline: Date | number): ServingError {
  // Timers may fire a millisecond early.
  return Date.now() + 1 >= Number(deadline)
    ? new ServingError("DEADLINE_EXCEEDED", "the request's deadline passed before its answer was ready")
    : new ServingError("CANCELLED", "the client cancelled the request");
}
