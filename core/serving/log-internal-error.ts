import type { Clock } from "../clock.js";
import { messageOf } from "../errors.js";
import type { Logger } from "../logger.js";
import type { OnInternalError } from "./lease.js";

/** The callers of one batch hear of its error at once; an engine that is dead may throw one error for days. */
const SAME = 1000;

/** Logs each error, and the same one again only when a second has passed. */
export function logInternalErrors(log: Logger, clock: Clock): OnInternalError {
  const logged = new WeakMap<object, number>();
  return (model, version, error) => {
    if (typeof error === "object" && error !== null) {
      const now = clock.now();
      if (now - (logged.get(error) ?? Number.NEGATIVE_INFINITY) < SAME) return;
      logged.set(error, now);
    }
    log.error({ model, version: String(version), error }, `a request to ${model} failed inside: ${messageOf(error)}`);
  };
}
