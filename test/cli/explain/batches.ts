import type { Batch } from "../../../cli/explain/summary.js";

/** A batch of one row that closed on timeout, but for what is said. */
export const batch = (over: Partial<Batch> = {}): Batch => ({
  version: "1",
  signature_name: "serving_default",
  priority: "normal",
  closed: "timeout",
  requests: 1,
  rows: 1,
  size: 1,
  limit: 64,
  wait_median_ms: 2,
  wait_max_ms: 2,
  run_ms: 1,
  code: "OK",
  age_ms: 1000,
  ...over,
});

export const times = (count: number, over: Partial<Batch> = {}): readonly Batch[] =>
  Array.from({ length: count }, () => batch(over));
