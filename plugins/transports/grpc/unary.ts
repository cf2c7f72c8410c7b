import {
  endRequest,
  type Host,
  newRequest,
  type RequestEvent,
  type RequestMemory,
  type RequestMethod,
  type RequestOptions,
  type Telemetry,
  toServingError,
} from "../../../core/index.js";
import type { Method, UnaryCall } from "./engine.js";
import { requestOptions } from "./request-options.js";
import { toStatus } from "./status.js";

/**
 * Answers one serialized message with another. The options' signal aborts with a ServingError that says why. What
 * becomes known of the request goes into `event`, mostly by handing it to `Frontend.lease`. The request lies in `memory`,
 * which is given back by who knows that nobody needs it any more.
 */
export type Handler = (
  request: Buffer,
  options: RequestOptions,
  event: RequestEvent | undefined,
  memory: RequestMemory,
) => Buffer | Promise<Buffer>;

/** What a method's requests are counted as. */
export type Counted = { readonly method: RequestMethod; readonly telemetry: Telemetry };

export type UnaryHost = Pick<Host, "log" | "clock">;

/** Requests to a method that is not `counted` end without telemetry. */
export function unary(handler: Handler, { log, clock }: UnaryHost, counted?: Counted): Method {
  function fail(call: UnaryCall, event: RequestEvent | undefined, error: unknown): void {
    if (event) endRequest(counted!.telemetry, event, toServingError(error).code);
    call.fail(toStatus(error, log));
  }

  function succeed(call: UnaryCall, event: RequestEvent | undefined, response: Buffer): void {
    if (event) endRequest(counted!.telemetry, event, "OK");
    call.succeed(response);
  }

  return {
    kind: "unary",
    handle: (call) => {
      const event = counted && newRequest("GRPC", counted.method);
      try {
        const response = handler(call.request, requestOptions(call, clock), event, call.memory);
        if (response instanceof Promise) {
          response.then(
            (bytes) => succeed(call, event, bytes),
            (error) => fail(call, event, error),
          );
        } else succeed(call, event, response);
      } catch (error) {
        fail(call, event, error);
      }
    },
  };
}
