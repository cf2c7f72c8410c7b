import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { type ErrorCode, isServingError, type Logger, messageOf, toServingError } from "../../../core/index.js";

const statuses: Readonly<Record<ErrorCode, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** What is unavailable, a full queue or a model that loads, may be there a second later. */
const RETRY = { "Retry-After": "1" };

export function sendJson(
  outgoing: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers?: OutgoingHttpHeaders,
): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  outgoing.end(body);
}

export const errorBody = (message: string): string => `${JSON.stringify({ error: message })}\n`;

/** Readable by people who call with curl, as TensorFlow Serving's replies are. */
export const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 4)}\n`;

/** Answers with whatever was thrown. What is no ServingError is a fault of this transport, so it logs it; the core has logged its own. */
export function sendError(outgoing: ServerResponse, error: unknown, log: Logger): void {
  const { code, message } = toServingError(error);
  const status = statuses[code];
  if (!isServingError(error)) log.error({ code, error }, `REST: ${messageOf(error)}`);
  sendJson(outgoing, status, errorBody(message), code === "UNAVAILABLE" ? RETRY : undefined);
}
