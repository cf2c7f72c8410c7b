import { ConfigError, type ConfigProblem, isConfigError } from "../config/config-error.js";
import { type ErrorCode, isServingError, messageOf, ServingError } from "../errors.js";
import { isPlatformChange, type PlatformChange, platformChange } from "../serving/change-rules.js";

/** An error as it is posted: what structured cloning would leave of one has no code of its own. */
export type PostedError = {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** A ServingError's. */
  readonly status?: ErrorCode;
  /** Node's, such as EADDRINUSE. */
  readonly code?: string;
  readonly problems?: readonly ConfigProblem[];
  readonly platformChange?: PlatformChange;
  readonly cause?: PostedError;
};

export function postedError(error: unknown): PostedError {
  if (isPlatformChange(error)) {
    const { model, was, requested } = error;
    return { name: "PlatformChange", message: "", platformChange: { model, was, requested } };
  }
  if (!(error instanceof Error)) return { name: "Error", message: messageOf(error) };
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    name,
    message,
    stack,
    ...(isServingError(error) ? { status: error.code } : code !== undefined && { code }),
    ...(isConfigError(error) && { problems: error.problems }),
    ...(cause !== undefined && { cause: postedError(cause) }),
  };
}

/** What `postedError` was made of, as far as anyone asks. */
export function receivedError(posted: PostedError): unknown {
  const { name, message, stack, status, code, problems } = posted;
  if (posted.platformChange) return platformChange(posted.platformChange);
  const cause = posted.cause && receivedError(posted.cause);
  if (status !== undefined) return new ServingError(status, message, { cause });
  const error = problems ? new ConfigError(problems, "config") : new Error(message, { cause });
  return Object.assign(error, { message, stack }, !problems && { name }, code !== undefined && { code });
}
