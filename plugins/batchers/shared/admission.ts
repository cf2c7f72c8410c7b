import { ServingError } from "../../../core/index.js";

/** What is known when a request with a deadline comes. All times in milliseconds. */
export type Outlook = {
  /** Until its deadline. */
  readonly left: number;
  /** Batches that will begin before its own, and what one of them takes on average. */
  readonly ahead: number;
  readonly each: number;
  /** Batches that can run at once, and how many of these could begin now. */
  readonly slots: number;
  readonly free: number;
  /** Rows of its batch, and what such a batch takes to run; 0 when that is not known. */
  readonly rows: number;
  readonly run: number;
  /** Until the first of the batches under way has ended; Infinity when none is. */
  readonly current: number;
};

/** The soonest that an answer can be there, by what has been measured: others of the pool may take longer still. */
export function soonestAnswer(outlook: Outlook): number {
  const { underWay, before, run } = partsOf(outlook);
  return underWay + before + run;
}

/** One after the other: until a thread is free, while those ahead run, and its own run. */
function partsOf({ ahead, each, slots, free, run, current }: Outlook) {
  if (ahead < free) return { underWay: 0, before: 0, run };
  // Those ahead take the free threads first.
  const first = free > 0 ? Math.min(each, current) : current;
  const underWay = first === Number.POSITIVE_INFINITY ? 0 : first;
  return { underWay, before: Math.floor((ahead - free) / slots) * each, run };
}

const tenths = (time: number) => Math.round(10 * time) / 10;
const ms = (time: number) => `${tenths(time)} ms`;

export function expiredOnArrival(left: number): ServingError {
  return new ServingError(
    "DEADLINE_EXCEEDED",
    `the request's deadline had passed ${ms(-left)} before it came to be batched`,
  );
}

export function cannotBeMet(outlook: Outlook): ServingError {
  const { left, ahead, slots, rows } = outlook;
  const { underWay, before, run } = partsOf(outlook);
  const total = tenths(underWay) + tenths(before) + tenths(run);
  const batches = `${ahead} ${ahead === 1 ? "batch" : "batches"} ahead of it${slots > 1 ? `, ${slots} at once,` : ""}`;
  const parts = [
    ...(underWay > 0 ? [`a batch under way ends in about ${ms(underWay)}`] : []),
    ...(before > 0 ? [`${batches} ${ahead === 1 ? "takes" : "take"} ${ms(before)}`] : []),
    `a run of ${rows} ${rows === 1 ? "row" : "rows"} takes ${ms(run)}`,
  ];
  return new ServingError(
    "DEADLINE_EXCEEDED",
    `the request cannot be answered before its deadline: ${ms(left)} are left, and it would take ${ms(total)} ` +
      `(${parts.join("; ")}); give it more time, or send fewer at once`,
  );
}
