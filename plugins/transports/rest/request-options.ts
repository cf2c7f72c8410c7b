import { type Priority, type RequestOptions, ServingError } from "../../../core/index.js";
import type { Exchange } from "./engine.js";
import type { Timeouts, Waiting } from "./timeouts.js";

export interface Asked extends RequestOptions {
  /** The request is answered: nothing aborts its signal any more. */
  end(): void;
}

export type AskedParts = {
  readonly timeouts: Timeouts;
  /** What `timeouts` wait for, in milliseconds. */
  readonly timeout: number;
  readonly deadline: number;
  readonly priority: Priority | undefined;
};

/**
 * What a request says beside its body. The signal aborts with a ServingError: DEADLINE_EXCEEDED when its time is over,
 * CANCELLED when the client has left. It is made when somebody asks for it.
 */
export function requestOptions(exchange: Exchange, { timeouts, timeout, deadline, priority }: AskedParts): Asked {
  let controller: AbortController | undefined;
  let waiting: Waiting | undefined;

  function watch(): AbortController {
    const watched = new AbortController();
    const left = () => watched.abort(new ServingError("CANCELLED", "the client left before it was answered"));
    const late = () =>
      watched.abort(new ServingError("DEADLINE_EXCEEDED", `the request took longer than its timeout of ${timeout} ms`));
    if (exchange.left) left();
    exchange.onLeft = left;
    waiting = timeouts.add(late);
    return watched;
  }

  return {
    deadline,
    priority,
    get signal() {
      controller ??= watch();
      return controller.signal;
    },
    get aborted() {
      return controller?.signal.aborted ?? exchange.left;
    },
    end: () => {
      exchange.onLeft = undefined;
      if (waiting !== undefined) timeouts.remove(waiting);
    },
  };
}
