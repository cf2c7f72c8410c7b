import { type ErrorCode, isServingError, type Logger, messageOf, toServingError } from "../../../core/index.js";
import type { Exchange, ReplyHeaders } from "./engine.js";

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

const CORS: ReplyHeaders = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "POST, GET",
  "Access-Control-Allow-Headers": "Content-Type",
};
const NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n";

export interface Replies {
  json(exchange: Exchange, status: number, body: string | Uint8Array): void;
  /** With whatever was thrown. What is no ServingError is a fault of this transport, so it is logged; the core has logged its own. */
  error(exchange: Exchange, error: unknown): void;
  notFound(exchange: Exchange): void;
  text(exchange: Exchange, status: number, contentType: string, body: string): void;
  empty(exchange: Exchange, status: number): void;
}

export function createReplies(cors: boolean, log: Logger): Replies {
  const common: ReplyHeaders = cors ? CORS : {};
  const json: ReplyHeaders = { ...common, "Content-Type": "application/json" };
  // What is unavailable, a full queue or a model that loads, may be there a second later.
  const retry: ReplyHeaders = { ...json, "Retry-After": "1" };
  return {
    json: (exchange, status, body) => exchange.reply(status, json, body),
    error: (exchange, error) => {
      const { code, message } = toServingError(error);
      if (!isServingError(error)) log.error({ code, error }, `REST: ${messageOf(error)}`);
      exchange.reply(statuses[code], code === "UNAVAILABLE" ? retry : json, errorBody(message));
    },
    notFound: (exchange) => exchange.reply(404, { ...common, "Content-Type": "text/html" }, NOT_FOUND),
    text: (exchange, status, contentType, body) =>
      exchange.reply(status, { ...common, "Content-Type": contentType }, body),
    empty: (exchange, status) => exchange.reply(status, common, ""),
  };
}

export const errorBody = (message: string): string => `${JSON.stringify({ error: message })}\n`;

/** Readable by people who call with curl, as TensorFlow Serving's replies are. */
export const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 4)}\n`;
