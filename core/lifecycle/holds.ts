/** Counts who depends on a thing, so that it goes only when nobody does. */
export interface Holds {
  /** Returns the release; releasing twice is harmless. */
  hold(): () => void;
  readonly count: number;
  /** Resolves when the count is 0, at once if it is. New holds after that are the caller's to prevent. */
  idle(): Promise<void>;
}

export function createHolds(): Holds {
  let count = 0;
  let waiting: (() => void)[] = [];
  const release = () => {
    count--;
    if (count > 0) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    hold: () => {
      count++;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        release();
      };
    },
    get count() {
      return count;
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
