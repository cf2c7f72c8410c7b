import type { handleUnaryCall } from "@grpc/grpc-js";
import type { Logger } from "../../../core/index.js";
import { abortReason, toStatus } from "./status.js";

/** Answers one serialized message with another. `signal` aborts with a ServingError that says why. */
export type Handler = (request: Buffer, signal: AbortSignal) => Buffer | Promise<Buffer>;

export function unary(handler: Handler, log: Logger): handleUnaryCall<Buffer, Buffer> {
  return async (call, callback) => {
    const abort = new AbortController();
    let done = false;
    // gRPC emits it at the end of every call too.
    call.once("cancelled", () => {
      if (!done) abort.abort(abortReason(call.getDeadline()));
    });
    try {
      const response = await handler(call.request, abort.signal);
      done = true;
      callback(null, response);
    } catch (error) {
      done = true;
      callback(toStatus(error, log));
    }
  };
}
