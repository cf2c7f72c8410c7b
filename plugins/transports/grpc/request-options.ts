import { AskedBy, type Clock, PRIORITY_HEADER, type RequestOptions, readPriority } from "../../../core/index.js";
import type { Call } from "./engine.js";

/** What a call says beside its message. @throws INVALID_ARGUMENT for a priority that is none */
export function requestOptions(call: Call, clock: Clock): RequestOptions {
  const priority = call.metadata(PRIORITY_HEADER);
  // gRPC's is a time of day, the host's clock is none.
  const deadline = call.deadline === Infinity ? undefined : clock.now() + call.deadline - Date.now();
  return new AskedBy(call, deadline, priority === undefined ? undefined : readPriority(priority));
}
