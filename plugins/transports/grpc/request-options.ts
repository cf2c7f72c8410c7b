import { type Clock, PRIORITY_HEADER, type RequestOptions, readPriority } from "../../../core/index.js";
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
    // gRPC's is a time of day, the host's clock is none.
    deadline: deadline === Infinity ? undefined : clock.now() + deadline - Date.now(),
    priority: priority === undefined ? undefined : readPriority(priority),
  };
}
