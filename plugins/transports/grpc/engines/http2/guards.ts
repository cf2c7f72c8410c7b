import { calmDown } from "./error-code.js";

/**
 * A purse that fills again with time, up to what it held at first. The clock is looked at only when it is empty, so
 * that spending costs nothing.
 */
export interface Purse {
  /** @throws ConnectionError ENHANCE_YOUR_CALM when it is empty */
  spend(): void;
  earn(coins: number): void;
}

/** @param perSecond coins that come back in a second */
export function createPurse(what: string, coins: number, perSecond: number, now = () => performance.now()): Purse {
  let left = coins;
  let since = now();

  function refill(): void {
    const at = now();
    left = Math.min(coins, left + ((at - since) / 1000) * perSecond);
    since = at;
  }

  return {
    spend: () => {
      if (left < 1) refill();
      if (left < 1) throw calmDown(what);
      left--;
    },
    earn: (more) => {
      left = Math.min(coins, left + more);
    },
  };
}

/**
 * Calls that the client begins and takes back before they are answered, or that are malformed or refused: each has cost the
 * server its work for nothing (CVE-2023-44487).
 */
export const createResetPurse = () => createPurse("too many calls were taken back or refused", 1000, 100);

/**
 * Frames that carry nothing: pings, settings, window updates, priorities, DATA of a few bytes, what is unknown
 * (CVE-2019-9512, 9515, 9517, 9518). Clients that measure the connection or give windows back in small steps send some
 * for each answer, and earn them by it.
 */
export const createFramePurse = () => createPurse("too many frames that carry nothing", 10_000, 1000);

/** What an answer's DATA frame earns. */
export const PER_ANSWER = 16;

/** DATA with at least this many bytes carry something. */
export const WORTHWHILE = 256;
