import { parseRetryAfter, withRetryAfter } from "../../../artifacts/retry-after.js";
import { type ErrorCode, isServingError, messageOf, ServingError, unavailable } from "../../../core/index.js";
import { isRefusedAddress } from "./agents.js";

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  407: "UNAUTHENTICATED",
  408: "UNAVAILABLE",
  410: "NOT_FOUND",
  412: "ABORTED",
  416: "ABORTED",
  425: "UNAVAILABLE",
  429: "UNAVAILABLE",
};

const remedies: Readonly<Record<number, string>> = {
  401: "the server wants to know who asks: check token and headers",
  403: "the server does not allow it: check token and headers",
  404: "it is not there",
  407: "the proxy wants to know who asks: put a user and a password into its URL",
  410: "it is not there any more",
  412: "it is not what it was when it was listed",
  416: "it is not what it was when it was listed",
  429: "there are too many requests",
};

/** An answer that is none of those asked for. @param what was tried, for people: `get https://…` */
export function statusTrouble(what: string, status: number, retryAfter: string | undefined): ServingError {
  const code = codes[status] ?? (status >= 500 ? "UNAVAILABLE" : status >= 400 ? "INVALID_ARGUMENT" : "UNAVAILABLE");
  const why = remedies[status] ?? (status >= 500 ? "the server has trouble" : "that is no answer to the question");
  const error = new ServingError(code, `cannot ${what}: ${why} (status ${status})`);
  return withRetryAfter(error, parseRetryAfter(retryAfter, Date.now()));
}

/** What went wrong on the way; ServingErrors stay as they are. */
export function wayTrouble(what: string, error: unknown): ServingError {
  if (isServingError(error)) return error;
  const { cause } = error as { readonly cause?: unknown };
  const reason = cause instanceof Error ? cause : error;
  if (isRefusedAddress(reason)) return new ServingError("PERMISSION_DENIED", `cannot ${what}: ${messageOf(reason)}`);
  const code = (reason as NodeJS.ErrnoException).code;
  const said = messageOf(reason) || (code ?? "the connection failed");
  // A stack is worth something only where the system and the HTTP client had no name for it.
  return unavailable(`cannot ${what}: ${said}`, code === undefined ? error : undefined);
}
