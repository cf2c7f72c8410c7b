import { setImmediate as turn } from "node:timers/promises";
import { isServingError, ServingError } from "../../../../core/index.js";

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 4;
/** The clock is looked at once in so many items. */
const STRIDE = 8;

/** How a host step lives beside others on the event loop. One for each request. */
export interface Pace {
  /**
   * Does `work` for 0 … count - 1; the event loop turns in between when that takes long. Short work is done on return.
   * @throws CANCELLED, or the signal's own ServingError, when the request is cancelled
   */
  each(count: number, work: (index: number) => void): undefined | Promise<void>;
  /** Lets the event loop turn when it is time. */
  breathe(): undefined | Promise<void>;
  /** @throws CANCELLED, or the signal's own ServingError */
  check(): void;
}

export function createPace(signal: AbortSignal): Pace {
  let since = performance.now();

  const check = () => {
    if (!signal.aborted) return;
    const { reason } = signal;
    if (isServingError(reason)) throw reason;
    throw new ServingError("CANCELLED", "the request was cancelled", { cause: reason });
  };
  const due = () => performance.now() - since >= SLICE;
  const rest = async () => {
    await turn();
    check();
    since = performance.now();
  };
  /** Works from `start` on; says where it stopped because it was time to. */
  const until = (start: number, count: number, work: (index: number) => void): number => {
    for (let i = start; i < count; ) {
      const stop = Math.min(count, i + STRIDE);
      for (; i < stop; i++) work(i);
      if (i < count && due()) return i;
    }
    return count;
  };
  const slowly = async (start: number, count: number, work: (index: number) => void) => {
    for (let i = start; i < count; ) {
      await rest();
      i = until(i, count, work);
    }
  };
  return {
    each: (count, work) => {
      const at = until(0, count, work);
      return at < count ? slowly(at, count, work) : undefined;
    },
    breathe: () => (due() ? rest() : undefined),
    check,
  };
}
