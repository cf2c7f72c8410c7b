import type { Clock } from "../../../core/index.js";

/** A wait that can be cut short. */
export interface Doorbell {
  /** Ends the wait under way, or else the next one. */
  ring(): void;
  /** Resolves after `ms`, soon after a ring, or when `signal` aborts; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Rings within this time count as one: a copied tree rings once a file. */
const gap = 50;
/** Timers cannot wait longer. */
const longest = 2 ** 31 - 1;

export function doorbell(clock: Clock): Doorbell {
  let rung = false;
  let wake = () => {};

  const sleep = async (ms: number, signal: AbortSignal) => {
    const early = new AbortController();
    const stop = () => early.abort();
    wake = stop;
    signal.addEventListener("abort", stop, { once: true });
    await clock.sleep(Math.min(ms, longest), early.signal).catch(() => {});
    signal.removeEventListener("abort", stop);
    wake = () => {};
  };

  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) await sleep(ms, signal);
      if (rung && !signal.aborted) await clock.sleep(gap, signal).catch(() => {});
      rung = false;
    },
  };
}
