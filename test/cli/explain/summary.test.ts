import { expect, test } from "vitest";
import { summarize } from "../../../cli/explain/summary.js";
import { batch } from "./batches.js";

test("batches are summed up by version and signature, the one that ran last first", () => {
  const [one, other] = summarize([
    batch({ version: "2", age_ms: 10, rows: 3, size: 4, requests: 2, wait_median_ms: 1, wait_max_ms: 5, run_ms: 9 }),
    batch({ version: "1", age_ms: 20, code: "INTERNAL" }),
    batch({ version: "2", age_ms: 30, rows: 60, size: 64, requests: 40, closed: "full", wait_median_ms: 3, run_ms: 2 }),
    batch({ version: "2", age_ms: 40, rows: 1, size: 4, wait_median_ms: 8, wait_max_ms: 8, run_ms: 1 }),
  ]);
  expect(one).toEqual({
    version: "2",
    signature: "serving_default",
    batches: 3,
    requests: 43,
    since: 40,
    newest: 10,
    closed: [
      { why: "timeout", share: 2 / 3, rows: 2, wait: 8 },
      { why: "full", share: 1 / 3, rows: 60, wait: 3 },
    ],
    rows: 64 / 3,
    limit: 64,
    latencyTarget: undefined,
    padding: 8 / 72,
    wait: 3,
    longestWait: 8,
    run: 2,
    longestRun: 9,
    failed: 0,
    codes: [],
  });
  expect(other).toMatchObject({ version: "1", batches: 1, failed: 1 });
  expect(summarize([])).toEqual([]);
});

test("batches of no rows are no division by nothing", () => {
  expect(summarize([batch({ rows: 0, size: 0 })])).toMatchObject([{ padding: 0, rows: 0 }]);
});
