import type { BatchClose } from "../../../core/index.js";
import type { Batch } from "./batch.js";

/** What a lane knows when it looks for a batch that may begin. */
export type ClosingRules = {
  /** Milliseconds that a batch waits for more. */
  readonly timeout: number;
  /** Milliseconds that a batch of so many rows takes to run. */
  readonly runTime: (rows: number) => number;
};

/** Timers are this late, milliseconds, and a run that is measured varies. */
const MARGIN = 2;

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

function latestStart({ deadline, rows }: Batch, { runTime }: ClosingRules): number {
  return deadline === Number.POSITIVE_INFINITY ? deadline : deadline - runTime(rows) - MARGIN;
}
