import { orAborted } from "./promptly.js";

/** So much at once and no more; who comes first goes first. */
export interface Permits {
  /** Resolves to what gives the permit back. @throws the signal's reason */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createPermits(count: number): Permits {
  let free = count;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await orAborted(new Promise<void>((resolve) => waiting.push(resolve)), signal, giveBack);
      return giveBack;
    },
  };
}

/** Does `work` for each item, `count` at once; the first failure stops the others, which are waited for. @throws it */
export async function eachOf<T>(
  items: readonly T[],
  count: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const left = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of left) {
      if (either.aborted) return;
      try {
        await work(item, either);
      } catch (error) {
        failures.push(error);
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
