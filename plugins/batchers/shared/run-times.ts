/** How much of the estimate the latest run is. */
const LATEST = 0.25;
/** What is left of an estimate after it has been held against a request. */
const DOUBT = 0.9;

/** How long runs take, learnt from those that were. */
export interface RunTimes {
  learn(rows: number, milliseconds: number): void;
  /** Milliseconds; for a size that has not been run, those of the nearest smaller one, and 0 where there is none. */
  of(rows: number): number;
  /** Believes its estimate for this size a little less: one slow run must not refuse requests for ever. */
  doubt(rows: number): void;
}

/** Sizes are taken together from one power of two to the next. */
export function createRunTimes(): RunTimes {
  const times: (number | undefined)[] = [];
  const classOf = (rows: number) => 32 - Math.clz32(rows);
  const known = (rows: number): number => {
    for (let at = classOf(rows); at >= 0; at--) if (times[at] !== undefined) return at;
    return -1;
  };
  return {
    learn: (rows, milliseconds) => {
      const at = classOf(rows);
      const before = times[at];
      times[at] = before === undefined ? milliseconds : before + LATEST * (milliseconds - before);
    },
    of: (rows) => times[known(rows)] ?? 0,
    doubt: (rows) => {
      const at = known(rows);
      if (at >= 0) times[at] = DOUBT * (times[at] ?? 0);
    },
  };
}
