import type { Thread } from "./thread-pool.js";

/** Calls of I/O threads that these may call off. */
export interface Cancels {
  /** Runs a call, with a signal that aborts when the thread says so or has ended. */
  during<T>(thread: Thread, call: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  abort(thread: Thread, call: number): void;
  lost(thread: Thread): void;
}

export function createCancels(): Cancels {
  const calls = new Map<Thread, Map<number, AbortController>>();
  return {
    during: async (thread, call, work) => {
      const cancel = new AbortController();
      const own = calls.get(thread) ?? new Map<number, AbortController>();
      calls.set(thread, own.set(call, cancel));
      try {
        return await work(cancel.signal);
      } finally {
        own.delete(call);
      }
    },
    abort: (thread, call) => calls.get(thread)?.get(call)?.abort(),
    lost: (thread) => {
      for (const cancel of calls.get(thread)?.values() ?? []) cancel.abort();
      calls.delete(thread);
    },
  };
}
