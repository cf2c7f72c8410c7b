/** setTimeout takes no more. */
const LONGEST = 2 ** 31 - 1;

/** One who waits; its place in the line. */
export type Waiting = {
  readonly due: number;
  readonly late: () => void;
  before: Waiting | undefined;
  behind: Waiting | undefined;
};

export interface Timeouts {
  /** `late` is called after the time unless it is removed before. */
  add(late: () => void): Waiting;
  remove(waiting: Waiting): void;
}

/** All wait for the same time, so that they stand in line, and one timer watches the first: most are gone by then. */
export function createTimeouts(milliseconds: number): Timeouts {
  let first: Waiting | undefined;
  let last: Waiting | undefined;
  let armed = false;

  function arm(wait: number): void {
    armed = true;
    // Timers may fire a millisecond early.
    setTimeout(fire, Math.min(LONGEST, Math.ceil(wait))).unref();
  }

  function remove(waiting: Waiting): void {
    const { before, behind } = waiting;
    if (before !== undefined) before.behind = behind;
    else if (first === waiting) first = behind;
    else return;
    if (behind !== undefined) behind.before = before;
    else last = before;
    waiting.before = undefined;
    waiting.behind = undefined;
  }

  function fire(): void {
    armed = false;
    const now = performance.now();
    while (first !== undefined && first.due <= now) {
      const { late } = first;
      remove(first);
      late();
    }
    if (first !== undefined && !armed) arm(first.due - now);
  }

  return {
    add: (late) => {
      const waiting: Waiting = { due: performance.now() + milliseconds, late, before: last, behind: undefined };
      if (last === undefined) first = waiting;
      else last.behind = waiting;
      last = waiting;
      if (!armed) arm(milliseconds);
      return waiting;
    },
    remove,
  };
}
