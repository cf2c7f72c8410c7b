export type BackoffRules = {
  /** The first wait, ms; each next one is twice as long. */
  readonly first: number;
  /** The longest wait, ms. */
  readonly most: number;
};

/** Waits between attempts that go on failing. */
export interface Backoff {
  /**
   * How long to wait now, ms: longer each time, and anywhere in the upper half of it, so that many who failed together
   * do not come back together. Never less than `hint`, what the other side asked for, within reason.
   */
  next(hint?: number): number;
  /** An attempt has succeeded. */
  reset(): void;
}

/** Nobody who asks for more is believed. */
const longestHint = 3_600_000;

export function backoff({ first, most }: BackoffRules, random: () => number = Math.random): Backoff {
  let failures = 0;
  return {
    next(hint = 0) {
      // Beyond 2^30 the product is past any `most`, and the exponent need not grow.
      const full = Math.min(most, first * 2 ** Math.min(failures++, 30));
      return Math.max(full * (0.5 + random() / 2), Math.min(hint, longestHint));
    },
    reset() {
      failures = 0;
    },
  };
}

/** `ms`, a tenth more or less: those who started together drift apart. */
export const jittered = (ms: number, random: () => number = Math.random): number => ms * (0.9 + random() * 0.2);
