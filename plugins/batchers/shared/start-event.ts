import type { BatchEvent, Priority } from "../../../core/index.js";
import type { Batch } from "./batch.js";

/** A batch that begins; its pool, model and version are its owner's to say. */
export type Started = Omit<BatchEvent, "pool" | "model" | "version">;

/** `now` by the clock; the rest as in `BatchEvent`. */
export function startOf(
  { pieces, sample, rows, closed }: Batch,
  priority: Priority,
  { size, limit, now }: { readonly size: number; readonly limit: number; readonly now: number },
): Started {
  const waits: number[] = [];
  const requestRows: number[] = [];
  for (const { task, from } of pieces) {
    if (from > 0) continue;
    waits.push(now - task.since);
    requestRows.push(task.rows);
  }
  return { signature: sample.signature, priority, closed: closed ?? "idle", waits, requestRows, rows, size, limit };
}
