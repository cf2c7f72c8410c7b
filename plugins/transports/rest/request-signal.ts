import type { ServerResponse } from "node:http";
import { ServingError } from "../../../core/index.js";

export interface RequestSignal extends Disposable {
  /** Aborted with a ServingError: DEADLINE_EXCEEDED after `timeout`, CANCELLED when the client has left. */
  readonly signal: AbortSignal;
}

/** `timeout` in milliseconds. */
export function createRequestSignal(outgoing: ServerResponse, timeout: number): RequestSignal {
  const controller = new AbortController();
  const left = () => controller.abort(new ServingError("CANCELLED", "the client left before it was answered"));
  const late = () =>
    controller.abort(
      new ServingError("DEADLINE_EXCEEDED", `the request took longer than its timeout of ${timeout} ms`),
    );
  outgoing.once("close", left);
  if (outgoing.destroyed) left();
  const timer = setTimeout(late, timeout);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      outgoing.off("close", left);
    },
  };
}
