/** Gives a job that can begin now, if there is one. A job never rejects. */
export type Worker = () => (() => Promise<void>) | undefined;

/** So many jobs at once, taken from its workers by turns. */
export interface Pool {
  /** Begins as many jobs as it may. To be called whenever a worker may have one. */
  look(): void;
  join(worker: Worker): { leave(): void };
  resize(threads: number): void;
}

export function createPool(threads: number): Pool {
  let size = threads;
  let running = 0;
  let workers: readonly Worker[] = [];

  function next(): (() => Promise<void>) | undefined {
    for (const worker of workers) {
      const job = worker();
      if (!job) continue;
      // To the end of the row, so that a busy model does not keep the others waiting.
      workers = [...workers.filter((each) => each !== worker), worker];
      return job;
    }
    return undefined;
  }

  function look(): void {
    while (running < size) {
      const job = next();
      if (!job) return;
      running++;
      void job().finally(() => {
        running--;
        look();
      });
    }
  }

  return {
    look,
    join: (worker) => {
      workers = [...workers, worker];
      return {
        leave: () => {
          workers = workers.filter((each) => each !== worker);
        },
      };
    },
    resize: (threads) => {
      size = threads;
      look();
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
