import {
  type Clock,
  PRIORITY_HEADER,
  type RequestOptions,
  type RunOptions,
  readPriority,
} from "../../../core/index.js";
import type { Call } from "./engine.js";

/** What a call says beside its message. @throws INVALID_ARGUMENT for a priority that is none */
export function requestOptions(call: Call, clock: Clock): RequestOptions {
  const { deadline } = call;
  const priority = call.metadata(PRIORITY_HEADER);
  return {
    // Read through: a signal that nobody asks for is not made.
    get signal() {
      return call.signal;
    },
    get aborted() {
      return call.aborted;
    },
    // gRPC's is a time of day, the host's clock is none.
    deadline: deadline === Infinity ? undefined : clock.now() + deadline - Date.now(),
    priority: priority === undefined ? undefined : readPriority(priority),
  };
}

/** The options of a request for some outputs. */
export function askingFor(outputs: readonly string[], options: RequestOptions): RunOptions {
  if (outputs.length === 0) return options;
  const { deadline, priority } = options;
  return {
    get signal() {
      return options.signal;
    },
    get aborted() {
      return options.aborted;
    },
    deadline,
    priority,
    outputs,
  };
}
