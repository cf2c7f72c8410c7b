import type { CodeName } from "./errors.js";
import type { Priority } from "./servable.js";
import type { BatchClose } from "./telemetry.js";

/** One batch that has run, as it is remembered for a while. Times are milliseconds. */
export type BatchRecord = {
  readonly version: bigint;
  readonly signature: string;
  readonly priority: Priority;
  readonly closed: BatchClose;
  /** Of which rows are in it: one that is split counts in each of its batches. */
  readonly requests: number;
  /** Of its requests; `size` with the padding, and `limit` the most that it might have had. */
  readonly rows: number;
  readonly size: number;
  readonly limit: number;
  /** Milliseconds; where the limit is less than is configured, to have answers within this time. */
  readonly latencyTarget?: number | undefined;
  /** How long its requests waited for it to begin. */
  readonly wait: { readonly median: number; readonly max: number };
  readonly run: number;
  readonly code: CodeName;
  /** Since it ended. */
  readonly age: number;
};

/** Runs that ended for want of room or time since their versions were loaded, by their code. */
export type Refusals = Readonly<Partial<Record<CodeName, number>>>;
