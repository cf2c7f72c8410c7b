import type { Clock } from "../clock.js";

export interface FakeClock extends Clock {
  /** Lets `ms` pass and wakes, in the order of their times, all that slept until then. */
  advance(ms: number): void;
  /** Resolves as soon as at least `count` sleeps are under way: the code under test has come to its next wait. */
  asleep(count?: number): Promise<void>;
}

type Sleeper = { readonly until: number; readonly wake: () => void };

/** A clock that stands still until it is told to move. */
export function fakeClock(start = 0): FakeClock {
  let now = start;
  let sleepers: readonly Sleeper[] = [];
  let waiting: readonly { readonly count: number; readonly tell: () => void }[] = [];

  const tellWaiting = () => {
    const told = waiting.filter((each) => sleepers.length >= each.count);
    waiting = waiting.filter((each) => sleepers.length < each.count);
    for (const each of told) each.tell();
  };

  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(new DOMException("The operation was aborted", "AbortError"));
      const remove = () => {
        sleepers = sleepers.filter((each) => each !== sleeper);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => {
        remove();
        reject(new DOMException("The operation was aborted", "AbortError"));
      };
      const wake = () => {
        remove();
        resolve();
      };
      const sleeper: Sleeper = { until: now + ms, wake };
      signal?.addEventListener("abort", abort);
      sleepers = [...sleepers, sleeper];
      tellWaiting();
    });

  return {
    now: () => now,
    sleep,
    advance(ms) {
      now += ms;
      const due = sleepers.filter((each) => each.until <= now).toSorted((a, b) => a.until - b.until);
      for (const each of due) each.wake();
    },
    asleep: (count = 1) =>
      new Promise((resolve) => {
        waiting = [...waiting, { count, tell: resolve }];
        tellWaiting();
      }),
  };
}
