import type { Priority } from "../../../core/index.js";

/** Begins a batch of this priority if it has one that may begin, and calls `ended`, once, when it is over. */
export type Worker = (priority: Priority, ended: () => void) => boolean;

export type Membership = {
  /** Takes a thread out of turn: to be called where one is free. What it returns is to be called, once, when it is over. */
  begin(): () => void;
  leave(): void;
};

/** So many batches at once, taken from its workers by turns, those of normal priority first. */
export interface Pool {
  /** Begins as many as it may. To be called whenever a worker may have one. */
  look(): void;
  /** Looks at the end of this turn of the event loop: what comes in one turn goes together. */
  lookSoon(): void;
  join(worker: Worker): Membership;
  resize(threads: number): void;
  readonly size: number;
  /** Batches that could begin now. */
  readonly free: number;
}

export function createPool(threads: number): Pool {
  let size = threads;
  let running = 0;
  let looking = false;
  // Whether the last look ended for want of a free thread: only then can the end of a batch let another begin.
  let short = false;
  const workers: Worker[] = [];

  function ended(): void {
    running--;
    if (short) lookSoon();
  }

  /** A busy model must not keep the others waiting. */
  function lastInTurn(at: number): void {
    if (workers.length > 1) workers.push(...workers.splice(at, 1));
  }

  function beginOne(priority: Priority): boolean {
    for (let at = 0; at < workers.length; at++) {
      const worker = workers[at]!;
      if (!worker(priority, ended)) continue;
      lastInTurn(at);
      return true;
    }
    return false;
  }

  function look(): void {
    while (running < size) {
      // Counted before it begins: one that fails at once is over before `begin` returns.
      running++;
      if (beginOne("normal") || beginOne("low")) continue;
      running--;
      short = false;
      return;
    }
    short = true;
  }

  function lookSoon(): void {
    if (looking) return;
    looking = true;
    setImmediate(() => {
      looking = false;
      look();
    });
  }

  return {
    look,
    lookSoon,
    join: (worker) => {
      workers.push(worker);
      return {
        begin: () => {
          running++;
          if (workers.length > 1) lastInTurn(workers.indexOf(worker));
          return ended;
        },
        leave: () => {
          workers.splice(workers.indexOf(worker), 1);
        },
      };
    },
    resize: (threads) => {
      size = threads;
      look();
    },
    get size() {
      return size;
    },
    get free() {
      return Math.max(0, size - running);
    },
  };
}

// Of the process, as the threads of a machine are.
const pools = new Map<string, Pool>();

/** The process's pool of this name. Its size is what the last who asked for it wanted. */
export function sharedPool(name: string, threads: number): Pool {
  const known = pools.get(name);
  known?.resize(threads);
  const pool = known ?? createPool(threads);
  pools.set(name, pool);
  return pool;
}
