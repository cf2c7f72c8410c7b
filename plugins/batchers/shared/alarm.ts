import type { Clock } from "../../../core/index.js";

/** One timer, that rings when the earliest of what it was told has come. */
export interface Alarm {
  /** Rings at `time` by the clock, or earlier: who hears it looks at the clock, and sets it again. */
  by(time: number): void;
  stop(): void;
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let next = Number.POSITIVE_INFINITY;
  let sleep = new AbortController();

  const stop = () => {
    next = Number.POSITIVE_INFINITY;
    sleep.abort();
  };

  async function wait(signal: AbortSignal): Promise<void> {
    try {
      await clock.sleep(Math.max(0, next - clock.now()), signal);
    } catch {
      return;
    }
    next = Number.POSITIVE_INFINITY;
    ring();
  }

  return {
    by: (time) => {
      if (time >= next) return;
      stop();
      sleep = new AbortController();
      next = time;
      void wait(sleep.signal);
    },
    stop,
  };
}
