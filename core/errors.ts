/** gRPC's canonical codes, by their numbers on the wire; TensorFlow's `error.Code` uses the same. */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type CodeName = keyof typeof Code;
export type ErrorCode = Exclude<CodeName, "OK">;

// A brand instead of instanceof: errors made by a second copy of the package are still recognised.
const brand = Symbol.for("salver.ServingError");

/** The one error that crosses a seam. `message` is written for the client; `cause` stays in the log. */
export class ServingError extends Error {
  readonly [brand] = true;
  override readonly name = "ServingError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isServingError(error: unknown): error is ServingError {
  return typeof error === "object" && error !== null && brand in error;
}

/**
 * Whatever was thrown, as a ServingError. What is not one already becomes INTERNAL with a neutral message:
 * stacks and paths never reach a client, the original stays as `cause`.
 */
export function toServingError(
  error: unknown,
  message = "internal error; the server's log has the details",
): ServingError {
  if (isServingError(error)) return error;
  if (error instanceof Error && error.name === "AbortError") {
    return new ServingError("CANCELLED", "the request was cancelled", { cause: error });
  }
  return new ServingError("INTERNAL", message, { cause: error });
}

/** The text of anything thrown, for logs and states. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const invalidArgument = (message: string, cause?: unknown) =>
  new ServingError("INVALID_ARGUMENT", message, { cause });
export const notFound = (message: string, cause?: unknown) => new ServingError("NOT_FOUND", message, { cause });
export const failedPrecondition = (message: string, cause?: unknown) =>
  new ServingError("FAILED_PRECONDITION", message, { cause });
export const unavailable = (message: string, cause?: unknown) => new ServingError("UNAVAILABLE", message, { cause });
export const resourceExhausted = (message: string, cause?: unknown) =>
  new ServingError("RESOURCE_EXHAUSTED", message, { cause });
export const unimplemented = (message: string, cause?: unknown) =>
  new ServingError("UNIMPLEMENTED", message, { cause });
export const internal = (message: string, cause?: unknown) => new ServingError("INTERNAL", message, { cause });
export const dataLoss = (message: string, cause?: unknown) => new ServingError("DATA_LOSS", message, { cause });
