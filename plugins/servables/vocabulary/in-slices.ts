import { setImmediate } from "node:timers/promises";
import { abortError } from "../../../core/index.js";

/** How long a large request may hold the event loop at a time, in milliseconds. */
export const SLICE_MS = 2;
/** Items between two looks at the clock: fractions of a millisecond. */
const STEP = 512;

/**
 * Calls `work` on the whole of 0 to `count`, a range at a time, and lets others go first whenever it has held the event loop
 * for `SLICE_MS`. @throws CANCELLED or DEADLINE_EXCEEDED once `signal` aborts
 */
export async function inSlices(
  count: number,
  work: (from: number, to: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw abortError(signal);
  let since = performance.now();
  for (let from = 0; from < count; from += STEP) {
    work(from, Math.min(from + STEP, count));
    if (performance.now() - since < SLICE_MS) continue;
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    since = performance.now();
  }
}
