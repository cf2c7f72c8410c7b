import { type Caller, isGone, offGone, onGone } from "../../../core/index.js";

/** Lets at most `size` tasks run at once; the others wait their turn, first come first served. */
export interface Limiter {
  readonly size: number;
  /** Tasks running now. */
  readonly running: number;
  /** Tasks waiting for a place. */
  readonly waiting: number;
  /**
   * Runs `task` as soon as there is a place: in this very call where one is free.
   * A task still waiting when its caller goes never runs, and the promise rejects with the reason of the caller's signal.
   */
  run<T>(task: () => Promise<T>, caller?: Caller): Promise<T>;
}

export function createLimiter(size: number): Limiter {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new RangeError(`a limiter needs a size of at least 1, got ${size}`);
  // A Set keeps insertion order, and a waiter that gives up leaves it at once.
  const queue = new Set<() => void>();
  let running = 0;

  const start = async <T>(task: () => Promise<T>): Promise<T> => {
    running++;
    try {
      return await task();
    } finally {
      running--;
      const [next] = queue;
      if (next) {
        queue.delete(next);
        next();
      }
    }
  };

  const enqueue = <T>(task: () => Promise<T>, caller: Caller | undefined): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const begin = () => {
        if (caller) offGone(caller, leave);
        resolve(start(task));
      };
      const leave = () => {
        queue.delete(begin);
        reject(caller?.signal.reason);
      };
      queue.add(begin);
      if (caller) onGone(caller, leave);
    });

  return {
    size,
    get running() {
      return running;
    },
    get waiting() {
      return queue.size;
    },
    run: (task, caller) => {
      if (caller && isGone(caller)) return Promise.reject(caller.signal.reason);
      return running < size ? start(task) : enqueue(task, caller);
    },
  };
}
