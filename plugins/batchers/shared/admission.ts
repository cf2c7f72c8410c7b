import { ServingError } from "../../../core/index.js";

/** What is known when a request with a deadline comes. All times in milliseconds. */
export type Outlook = {
  /** Until its deadline. */
  readonly left: number;
  /** Batches that will begin before its own. */
  readonly ahead: number;
  /** Batches that can run at once, and how many of these could begin now. */
  readonly slots: number;
  readonly free: number;
  /** Rows of its batch, and what such a batch takes to run; 0 when that is not known. */
  readonly rows: number;
  readonly run: number;
  /** Until the first of the batches under way has ended; 0 when none is, or that is not known. */
  readonly current: number;
};

/** The soonest that an answer can be there, by what has been measured: others of the pool may take longer still. */
export function soonestAnswer({ ahead, slots, free, run, current }: Outlook): number {
  if (ahead < free) return run;
  const rounds = Math.floor((ahead - free) / slots);
  return current + rounds * run + run;
}

const ms = (time: number) => `${Number(time.toFixed(1))} ms`;

export function expiredOnArrival(left: number): ServingError {
  return new ServingError(
    "DEADLINE_EXCEEDED",
    `the request's deadline had passed ${ms(-left)} before it came to be batched`,
  );
}

export function cannotBeMet(outlook: Outlook): ServingError {
  const { left, ahead, rows, run } = outlook;
  return new ServingError(
    "DEADLINE_EXCEEDED",
    `the request cannot be answered before its deadline: ${ms(left)} are left, and it would take ${ms(soonestAnswer(outlook))} ` +
      `(batches ahead of it: ${ahead}; a run of ${rows} rows takes ${ms(run)}); give it more time, or send fewer at once`,
  );
}
