/** How much of the estimate the latest run is. */
const LATEST = 0.25;
/** What is left of an estimate each time that it has been held against a request, until it is measured again. */
const DOUBT = 0.9;

/** How long runs take, learnt from those that were. */
export interface RunTimes {
  learn(rows: number, milliseconds: number): void;
  /** Milliseconds; for a size that has not been run, those of the nearest smaller one, and 0 where there is none. */
  of(rows: number): number;
  /** Believes its estimate for this size a little less: one slow run must not refuse requests for ever. */
  doubt(rows: number): void;
}

type Estimate = { time: number; trust: number };

/** Sizes are taken together from one power of two to the next. */
export function createRunTimes(): RunTimes {
  const estimates: (Estimate | undefined)[] = [];
  const classOf = (rows: number) => 32 - Math.clz32(rows);
  const known = (rows: number): Estimate | undefined => {
    for (let at = classOf(rows); at >= 0; at--) if (estimates[at]) return estimates[at];
    return undefined;
  };
  return {
    learn: (rows, milliseconds) => {
      const at = classOf(rows);
      const own = estimates[at] ?? { time: milliseconds, trust: 1 };
      estimates[at] = own;
      own.time += LATEST * (milliseconds - own.time);
      own.trust = 1;
    },
    of: (rows) => {
      const estimate = known(rows);
      return estimate ? estimate.time * estimate.trust : 0;
    },
    doubt: (rows) => {
      const estimate = known(rows);
      if (estimate) estimate.trust *= DOUBT;
    },
  };
}
