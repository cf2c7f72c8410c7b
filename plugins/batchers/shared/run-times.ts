/** Runs of a size that are remembered. What all of them took, no single slow one has made up. */
const KEPT = 3;
/** Milliseconds for which measurements are good enough to refuse what could be tried. */
const FRESH = 1000;

/** How long runs take, learnt from those that were. Times in milliseconds, `now` by the clock. */
export interface RunTimes {
  learn(rows: number, milliseconds: number, now: number): void;
  /**
   * What each of the last runs of this size took at the least, or for a size that is not known well enough, those of the
   * nearest smaller one; 0 where there is none.
   */
  least(rows: number, now: number): number;
  /** What the last runs took in the middle, those of the nearest size; undefined before the first. */
  usual(rows: number): number | undefined;
  /** Whether what `least` says was measured just now. */
  isFresh(rows: number, now: number): boolean;
}

type Runs = {
  /** The latest, in a ring. */
  readonly times: number[];
  oldest: number;
  least: number;
  /** When the last of them ended. */
  ended: number;
};

const isKnown = (runs: Runs | undefined): runs is Runs => runs !== undefined && runs.times.length === KEPT;

/** Sizes are taken together from one power of two to the next. */
export function createRunTimes(): RunTimes {
  const classes: (Runs | undefined)[] = [];
  const classOf = (rows: number) => 32 - Math.clz32(rows);
  const freshAt = (now: number) => (runs: Runs | undefined) => isKnown(runs) && now - runs.ended <= FRESH;

  function nearestBelow(rows: number, wanted: (runs: Runs | undefined) => boolean): Runs | undefined {
    for (let at = classOf(rows); at >= 0; at--) if (wanted(classes[at])) return classes[at];
    return undefined;
  }

  return {
    learn(rows, milliseconds, now) {
      const at = classOf(rows);
      const runs = classes[at] ?? { times: [], oldest: 0, least: 0, ended: now };
      classes[at] = runs;
      const { times } = runs;
      if (times.length < KEPT) times.push(milliseconds);
      else times[runs.oldest] = milliseconds;
      runs.oldest = runs.oldest === KEPT - 1 ? 0 : runs.oldest + 1;
      runs.least = milliseconds;
      for (const each of times) if (each < runs.least) runs.least = each;
      runs.ended = now;
    },

    least(rows, now) {
      const runs = nearestBelow(rows, freshAt(now)) ?? nearestBelow(rows, isKnown);
      let least = runs?.least ?? 0;
      // A run takes no longer than one of more rows did.
      for (let at = classOf(rows) + 1; at < classes.length; at++) least = Math.min(least, classes[at]?.least ?? least);
      return least;
    },

    usual(rows) {
      const known = (runs: Runs | undefined) => runs !== undefined;
      const { times } = nearestBelow(rows, known) ?? classes.find(known) ?? { times: [] };
      return times.toSorted((a, b) => a - b)[times.length >> 1];
    },

    isFresh: (rows, now) => nearestBelow(rows, freshAt(now)) !== undefined,
  };
}
