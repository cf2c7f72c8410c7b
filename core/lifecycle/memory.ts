import { resourceExhausted } from "../errors.js";

/** Memory set aside for one version, from before its load until after its unload. */
export interface Reservation {
  /** The load has ended or the unload has not begun: waiting for this one brings nothing. */
  steady(): void;
  /** The version is on its way out: its memory will come back. */
  leaving(): void;
  release(): void;
}

/** Keeps the sum of the estimates of what is loaded under a limit. */
export interface MemoryLedger {
  /**
   * Sets `bytes` aside; waits while a version on its way in or out may still leave room.
   * @throws RESOURCE_EXHAUSTED when nothing under way can free enough; `signal`'s reason when it aborts the wait
   */
  reserve(bytes: number, what: string, signal: AbortSignal): Promise<Reservation>;
}

/** @param limit bytes; unlimited by default, as in TensorFlow Serving */
export function createMemoryLedger(limit = Number.POSITIVE_INFINITY): MemoryLedger {
  let reserved = 0;
  const moving = new Set<Reservation>();
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };

  return {
    reserve: async (bytes, what, signal) => {
      while (reserved + bytes > limit) {
        signal.throwIfAborted();
        if (moving.size === 0) {
          throw resourceExhausted(
            `Insufficient resources to load servable ${what}: it needs ${bytes} bytes of memory and ` +
              `${reserved} of the limit of ${limit} are taken`,
          );
        }
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      reserved += bytes;
      let held = true;
      const reservation: Reservation = {
        steady: () => {
          moving.delete(reservation);
          wake();
        },
        leaving: () => {
          moving.add(reservation);
        },
        release: () => {
          if (held) reserved -= bytes;
          held = false;
          moving.delete(reservation);
          wake();
        },
      };
      moving.add(reservation);
      return reservation;
    },
  };
}
