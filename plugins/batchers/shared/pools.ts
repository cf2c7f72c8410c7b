import type { Priority } from "../../../core/index.js";

/** Begins a batch of this priority if it has one that may begin, and calls `ended`, once, when it is over. */
export type Worker = (priority: Priority, ended: () => void) => boolean;

/** So many batches at once, taken from its workers by turns, those of normal priority first. */
export interface Pool {
  /** Begins as many as it may. To be called whenever a worker may have one. */
  look(): void;
  /** Looks at the end of this turn of the event loop: what comes in one turn goes together. */
  lookSoon(): void;
  join(worker: Worker): { leave(): void };
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

  function begin(priority: Priority): boolean {
    for (let at = 0; at < workers.length; at++) {
      const worker = workers[at]!;
      if (!worker(priority, ended)) continue;
      // To the end of the row, so that a busy model does not keep the others waiting.
      if (workers.length > 1) workers.push(...workers.splice(at, 1));
      return true;
    }
    return false;
  }

  function look(): void {
    while (running < size) {
      // Counted before it begins: one that fails at once is over before `begin` returns.
      running++;
      if (begin("normal") || begin("low")) continue;
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
