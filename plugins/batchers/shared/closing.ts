import type { BatchClose } from "../../../core/index.js";
import type { Batch } from "./batch.js";
import type { Task } from "./task.js";

/** What a lane knows when it looks for a batch that may begin. */
export type ClosingRules = {
  /** Milliseconds that a batch waits for more. */
  readonly timeout: number;
  /** Milliseconds that a batch of so many rows takes to run; undefined before any has. */
  readonly runTime: (rows: number) => number | undefined;
};

/** Milliseconds that an answer is to be there before its deadline, at least: timers are this late. */
const MARGIN = 2;
/** The same as a part of the time that the request came with: runs vary, and an answer has a way to go. */
const SHARE = 0.1;

/** Why a batch takes no more and may begin; undefined while it waits. */
export function reasonToClose(
  batch: Batch,
  now: number,
  unloading: boolean,
  rules: ClosingRules,
): BatchClose | undefined {
  if (batch.full) return "full";
  if (unloading) return "shutdown";
  if (rules.timeout === 0) return "idle";
  if (now >= timesOut(batch, rules)) return "timeout";
  return now >= latestStart(batch, rules) ? "deadline" : undefined;
}

/** When, by the clock, a batch that waits will have a reason. */
export function dueAt(batch: Batch, rules: ClosingRules): number {
  return Math.min(timesOut(batch, rules), latestStart(batch, rules));
}

/** Its oldest request's time: who came first may have gone. */
const timesOut = ({ pieces }: Batch, { timeout }: ClosingRules): number => (pieces[0]?.task.since ?? 0) + timeout;

function latestStart({ deadline, pieces, rows }: Batch, { runTime }: ClosingRules): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline;
  const run = runTime(rows);
  let latest = deadline;
  for (const { task } of pieces) latest = Math.min(latest, latestStartOf(task, run));
  return latest;
}

/** What has never run may take all of the second half. */
function latestStartOf({ since, deadline }: Task, run: number | undefined): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline;
  const given = deadline - since;
  return run === undefined ? since + given / 2 : deadline - run - Math.max(MARGIN, SHARE * given);
}
