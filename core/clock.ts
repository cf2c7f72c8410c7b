import { setTimeout as delay } from "node:timers/promises";
import { token } from "./container.js";

/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds, monotonic, with fractions. */
  now(): number;
  /** Resolves after `ms`. @throws AbortError when `signal` aborts first */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : undefined),
};

export const ClockToken = token<Clock>("Clock");
