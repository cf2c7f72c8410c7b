/** Milliseconds of each turn of the event loop that transforms take, all requests together. */
export const BUDGET = 4;

/** Shares out turns of the event loop. Who waited longest goes on first. */
export interface Turns {
  /** Undefined while this turn's budget lasts; else resolves in a turn that has some. */
  ready(): Promise<void> | undefined;
  /** Work of so many milliseconds was done. */
  spend(milliseconds: number): void;
}

export function createTurns(budget = BUDGET): Turns {
  const waiting: (() => void)[] = [];
  let spent = 0;
  let armed = false;
  const turn = () => {
    spent = 0;
    armed = false;
    const next = waiting.shift();
    if (next) arm();
    next?.();
  };
  const arm = () => {
    if (armed) return;
    armed = true;
    setImmediate(turn);
  };
  return {
    ready: () => {
      if (waiting.length === 0 && spent < budget) return undefined;
      return new Promise((resolve) => {
        waiting.push(resolve);
        arm();
      });
    },
    spend: (milliseconds) => {
      spent += milliseconds;
      arm();
      if (spent < budget) waiting.shift()?.();
    },
  };
}

/** One event loop, one account. */
export const turns = createTurns();
