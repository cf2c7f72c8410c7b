import { expect, test } from "vitest";
import { advise } from "../../../cli/explain/advice.js";
import { type Batch, summarize } from "../../../cli/explain/summary.js";
import { times } from "./batches.js";

const advice = (...batches: readonly (readonly Batch[])[]) => summarize(batches.flat()).flatMap(advise);

test.each<[string, readonly (readonly Batch[])[], readonly string[]]>([
  [
    "a timeout that gains nothing",
    [times(82, { rows: 2, size: 2 }), times(18, { closed: "full", rows: 64, size: 64 })],
    [
      "82 % close on timeout with 2 rows of 64: the timeout costs 2.0 ms and gains little. Lower `timeout`, or remove it: then batches form only while all threads are busy.",
    ],
  ],
  [
    "a timeout that fills batches",
    [times(3, { rows: 40, size: 40 })],
    [
      "100 % close on timeout with 40 rows of 64: the timeout costs 2.0 ms and fills batches well. A longer one gives more throughput, a shorter one quicker answers.",
    ],
  ],
  [
    "a timeout that is nothing beside the run",
    [times(3, { run_ms: 38, wait_median_ms: 0.05 })],
    ["100 % close on timeout with 1 row of 64: the timeout costs 0.05 ms where a run takes 38 ms, which does no harm."],
  ],
  [
    "more requests than get through",
    [times(9, { closed: "full", rows: 64, size: 64, wait_median_ms: 12, run_ms: 4 })],
    [
      "100 % are full, with 64 rows, and requests wait 12 ms for runs of 4.0 ms: more comes than gets through. Raise `maxBatchSize` if larger batches run not much longer, or `threads` while CPUs are idle; else it takes another machine.",
    ],
  ],
  [
    "batches that the next request does not fit",
    [times(5, { closed: "full", rows: 18, size: 18 }), times(5, { closed: "full", rows: 32, size: 32 })],
    [
      "100 % had no room for the request that came next, with 25 rows of 64: requests of such sizes leave gaps. `enableLargeBatchSplitting: true` fills these with parts of requests.",
    ],
  ],
  [
    "batches that all callers have left",
    [
      times(9, { closed: "idle", wait_median_ms: 0 }),
      times(1, { closed: "idle", wait_median_ms: 0, code: "CANCELLED" }),
    ],
    ["100 % run as soon as a thread is free, mostly with one request: at this load there is nothing to group."],
  ],
  [
    "full batches that nobody waits for",
    [times(9, { closed: "full", rows: 64, size: 64, wait_median_ms: 0 })],
    ["100 % are full, with 64 rows, before anything waits for long: a larger `maxBatchSize` may give more throughput."],
  ],
  [
    "a timeout that costs more than a run and fills a third",
    [times(3, { rows: 21, size: 21 })],
    [
      "100 % close on timeout with 21 rows of 64: the timeout costs 2.0 ms, more than the run's 1.0 ms, and leaves batches far from full. Lower `timeout` unless throughput is all that counts.",
    ],
  ],
  [
    "a latency target that holds the limit",
    [times(9, { closed: "full", rows: 12, size: 12, limit: 12, latency_target_ms: 20, wait_median_ms: 4, run_ms: 9 })],
    [
      "100 % are as large as `latencyTarget`, 20 ms, lets them be, at most 12 rows, and it is kept. A longer one gives larger batches.",
    ],
  ],
  [
    "a latency target that is not kept",
    [times(9, { closed: "full", rows: 12, size: 12, limit: 12, latency_target_ms: 20, wait_median_ms: 40, run_ms: 9 })],
    [
      "100 % are as large as `latencyTarget`, 20 ms, lets them be, at most 12 rows, and requests take 49 ms: more comes than gets through in that time. Give it more time, raise `threads` while CPUs are idle, or add another machine.",
    ],
  ],
  [
    "one request at a time",
    [times(9, { closed: "idle", wait_median_ms: 0 })],
    ["100 % run as soon as a thread is free, mostly with one request: at this load there is nothing to group."],
  ],
  [
    "batches from what comes meanwhile",
    [times(9, { closed: "idle", requests: 5, rows: 5, size: 5, wait_median_ms: 0.5 })],
    [
      "100 % run as soon as a thread is free, with 5 requests each: batches form from what comes while threads are busy, and nobody waits for a timeout.",
    ],
  ],
  [
    "busy threads",
    [times(9, { closed: "idle", wait_median_ms: 9 })],
    [
      "100 % run as soon as a thread is free, and requests wait 9.0 ms for that, with runs of 1.0 ms: all threads are busy, perhaps with other models of the pool. Raise `threads` while CPUs are idle, or give this model a `pool` of its own.",
    ],
  ],
  [
    "clients in a hurry",
    [times(2, { closed: "deadline" }), times(4), times(4, { closed: "full", rows: 64, size: 64 })],
    [
      "20 % close because a request in them could wait no longer: batches wait longer than clients do. Lower `timeout` or `latencyTarget`, or give the clients more time.",
    ],
  ],
  [
    "an unloading version",
    [times(9, { closed: "shutdown" })],
    ["100 % closed because their version unloads, or its batching has changed: what waited was finished."],
  ],
  [
    "padding",
    [times(5, { rows: 9, size: 32, closed: "idle", wait_median_ms: 0, requests: 9 })],
    [
      "100 % run as soon as a thread is free, with 9 requests each: batches form from what comes while threads are busy, and nobody waits for a timeout.",
      "72 % of the rows that run are padding: add a size near 9 to `allowedBatchSizes`.",
    ],
  ],
  [
    "failures, of long ago",
    [
      times(1, { code: "INTERNAL", closed: "full", rows: 64, size: 64, age_ms: 7_200_000 }),
      times(1, { closed: "deadline", age_ms: 7.2e6 }),
    ],
    [
      "No batch has run for 2 h: all this is history. If requests came since, they failed before they were batched.",
      "1 of 2 batches failed (INTERNAL), with all of their requests, unless these were run again one by one (INVALID_ARGUMENT): the server's log says more.",
      "50 % close because a request in them could wait no longer: batches wait longer than clients do. Lower `timeout` or `latencyTarget`, or give the clients more time.",
      "50 % are full, with 64 rows, and requests wait 2.0 ms for runs of 1.0 ms: more comes than gets through. Raise `maxBatchSize` if larger batches run not much longer, or `threads` while CPUs are idle; else it takes another machine.",
    ],
  ],
  [
    "nothing",
    [times(2), times(2, { closed: "full" }), times(2, { closed: "idle" })],
    ["Nothing stands out: no reason to close prevails, and little is padding."],
  ],
])("%s", (_, batches, said) => {
  expect(advice(...batches)).toEqual(said);
});
