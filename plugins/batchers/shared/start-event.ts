import type { BatchEvent, Call, Priority } from "../../../core/index.js";
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

const AT_ONCE: readonly number[] = [0];
const ONE_ROW: readonly number[] = [1];

/** Of a batch that one call alone makes, as it came. */
export function startOfOne(
  { signature }: Call,
  rows: number,
  { pool, model, version }: Origin,
  { priority, full, limit, latencyTarget }: Omit<Begun, "size" | "now"> & { readonly full: boolean },
): BatchEvent {
  return {
    pool,
    model,
    version,
    signature,
    priority,
    closed: full ? "full" : "idle",
    waits: AT_ONCE,
    requestRows: rows === 1 ? ONE_ROW : [rows],
    rows,
    size: rows,
    limit,
    latencyTarget,
  };
}
