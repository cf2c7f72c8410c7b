import type { handleUnaryCall } from "@grpc/grpc-js";
import {
  endRequest,
  type Host,
  newRequest,
  type RequestEvent,
  type RequestMethod,
  type RequestOptions,
  type Telemetry,
  toServingError,
} from "../../../core/index.js";
import { requestOptions } from "./request-options.js";
import { abortReason, toStatus } from "./status.js";

/**
 * Answers one serialized message with another. The options' signal aborts with a ServingError that says why. What
 * becomes known of the request goes into `event`, mostly by handing it to `Frontend.lease`.
 */
export type Handler = (request: Buffer, options: RequestOptions, event?: RequestEvent) => Buffer | Promise<Buffer>;

/** What a method's requests are counted as. */
export type Counted = { readonly method: RequestMethod; readonly telemetry: Telemetry };

export type UnaryHost = Pick<Host, "log" | "clock">;

/** Requests to a method that is not `counted` end without telemetry. */
export function unary(handler: Handler, host: UnaryHost, counted?: Counted): handleUnaryCall<Buffer, Buffer> {
  return async (call, callback) => {
    const event = counted && newRequest("GRPC", counted.method);
    const abort = new AbortController();
    let done = false;
    // gRPC emits it at the end of every call too.
    call.once("cancelled", () => {
      if (!done) abort.abort(abortReason(call.getDeadline()));
    });
    try {
      const response = await handler(call.request, requestOptions(call, host.clock, abort.signal), event);
      done = true;
      if (event) endRequest(counted.telemetry, event, "OK");
      callback(null, response);
    } catch (error) {
      done = true;
      if (event) endRequest(counted.telemetry, event, toServingError(error).code);
      callback(toStatus(error, host.log));
    }
  };
}
