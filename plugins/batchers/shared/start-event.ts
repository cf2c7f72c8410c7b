import type { BatchEvent, Priority } from "../../../core/index.js";
import type { Batch } from "./batch.js";

export type Origin = Pick<BatchEvent, "pool" | "model" | "version">;

type Begun = {
  readonly priority: Priority;
  readonly size: number;
  readonly limit: number;
  readonly latencyTarget: number | undefined;
  /** By the clock. */
  readonly now: number;
};

export function startOf(
  batch: Batch,
  { pool, model, version }: Origin,
  { priority, size, limit, latencyTarget, now }: Begun,
): BatchEvent {
  const { sample, rows, closed } = batch;
  const waits: number[] = [];
  const requestRows: number[] = [];
  for (const { task, from } of batch.pieces) {
    waits.push(now - task.since);
    if (from === 0 && !batch.again) requestRows.push(task.rows);
  }
  return {
    pool,
    model,
    version,
    signature: sample.signature,
    priority,
    closed: closed ?? "idle",
    waits,
    requestRows,
    rows,
    size,
    limit,
    latencyTarget,
  };
}
