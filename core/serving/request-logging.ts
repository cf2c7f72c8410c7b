import { messageOf, toServingError } from "../errors.js";
import type { Lease } from "../frontend.js";
import type { Logger } from "../logger.js";
import type { LoggedRequest, RequestLog } from "../request-log.js";
import type { Telemetry } from "../telemetry.js";
import { loggedLease } from "./logged-lease.js";
import { loggedSize } from "./logged-size.js";

/** Requests that may wait to be written; what they hold stays in memory so long. */
const MOST_WAITING = 1000;
/** Bytes that they may hold, together with the one that is being written; one alone may hold more. */
const MOST_BYTES = 64 * 2 ** 20;

export type RequestLoggingParts = {
  readonly model: string;
  readonly sink: RequestLog;
  /** From 0 to 1. */
  readonly samplingRate: number;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number;
};

/** Chooses requests of one model, and writes them behind their answers' back. */
export interface RequestLogging {
  /** The lease of one request: the same, or by chance one whose answered request is logged. */
  sample(lease: Lease): Lease;
  /** Writes one that was chosen elsewhere. */
  add(request: LoggedRequest): void;
  /** Writes what waits, then closes the log. What is answered later is not logged. */
  close(): Promise<void>;
}

export function createRequestLogging(parts: RequestLoggingParts): RequestLogging {
  const { model, sink, samplingRate, log, telemetry, random = Math.random } = parts;
  const waiting: { readonly request: LoggedRequest; readonly size: number }[] = [];
  let held = 0;
  let writing: Promise<void> | undefined;
  let closed = false;
  let dropped = 0;
  let failing = false;

  async function writeAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await sink.write(next.request);
        failing = false;
        telemetry.requestLogged({ model, code: "OK" });
      } catch (error) {
        telemetry.requestLogged({ model, code: toServingError(error).code });
        // Said once until it works again: a full disk must not fill the log too.
        if (!failing) log.error({ error }, `requests cannot be logged: ${messageOf(error)}`);
        failing = true;
      }
      held -= next.size;
    }
    writing = undefined;
  }

  function add(request: LoggedRequest): void {
    if (closed) return;
    const size = loggedSize(request);
    if (held === 0 || (waiting.length < MOST_WAITING && held + size <= MOST_BYTES)) {
      waiting.push({ request, size });
      held += size;
      // On a later turn of the loop's microtasks, so that an answer is on its way first.
      writing ??= Promise.resolve().then(writeAll);
      return;
    }
    if (dropped === 0) {
      log.warn({}, `requests come faster than they can be logged: some are left out (${waiting.length} wait)`);
    }
    dropped++;
    telemetry.requestLogged({ model, code: "RESOURCE_EXHAUSTED" });
  }

  return {
    add,
    sample: (lease) => (random() < samplingRate ? loggedLease(lease, samplingRate, add) : lease),
    close: async () => {
      closed = true;
      await writing;
      if (dropped > 0) log.warn({ dropped }, `${dropped} requests were not logged: they came too fast`);
      await sink[Symbol.asyncDispose]();
    },
  };
}
