import type { Refusals } from "../../core/index.js";
import { table } from "../output/table.js";
import { advise } from "./advice.js";
import type { Batch, Summary } from "./summary.js";
import { ago, counted, ms, percent } from "./words.js";

/** Batches in the table. */
const SHOWN = 20;

/** What batches come to, then the latest of them, for people. */
export function report(
  model: string,
  summaries: readonly Summary[],
  batches: readonly Batch[],
  refused: Refusals,
): string {
  const refusals = refusalsOf(refused);
  if (batches.length === 0) return refusals === "" ? untold(model) : `${model}: no batch has run. ${refusals}`;
  const shown = batches.slice(0, SHOWN);
  return [
    ...summaries.map((each) => summaryText(model, each)),
    ...(refusals === "" ? [] : [`${refusals}\n`]),
    shown.length === 1 ? "The last batch:" : `The last ${shown.length} batches, the newest first:`,
    "",
    table(
      [
        "ended",
        "version",
        "signature",
        "closed",
        "priority",
        "requests",
        "rows",
        "ran as",
        "waited",
        "at most",
        "ran",
        "",
      ],
      shown.map(rowOf),
    ),
  ].join("\n");
}

const untold = (model: string) =>
  `${model} is batched, and nobody told of a batch since it was loaded: none has run, or its batcher reports none ("shared" does).`;

const causes: Readonly<Record<string, string>> = {
  UNAVAILABLE: "the queue was full: raise `maxEnqueuedBatches` or `threads`, or send less at once",
  DEADLINE_EXCEEDED: "their deadlines passed, or could not be met",
  RESOURCE_EXHAUSTED: "their deadlines passed while they waited",
};

/** Empty where there are none. */
function refusalsOf(refused: Refusals): string {
  const parts = Object.entries(refused).map(([code, count]) => `${count} ${code} (${causes[code] ?? "see the log"})`);
  return parts.length === 0 ? "" : `Requests that failed since it was loaded: ${parts.join(", ")}.`;
}

function summaryText(model: string, summary: Summary): string {
  const { version, signature, batches, requests, since, newest, closed, rows, limit, padding } = summary;
  const { wait, longestWait, run, longestRun } = summary;
  const why = closed.map(({ why, share }) => `${percent(share)} ${why}`).join(", ");
  const waiting = wait + run === 0 ? 0 : wait / (wait + run);
  return [
    `${model} ${version}, ${signature}: the last ${batches === 1 ? "batch" : `${batches} batches`}, of ${counted(requests, "request")}, from ${ago(since)} to ${ago(newest)} ago`,
    "",
    `  closed   ${why}`,
    `  size     ${counted(rows, "row")} of ${limit}; ${percent(padding)} of what runs is padding`,
    `  time     a request waits ${ms(wait)} (at most ${ms(longestWait)}) and runs ${ms(run)} (at most ${ms(longestRun)}): ${percent(waiting)} of it is waiting`,
    "",
    ...advise(summary).map((each) => `  → ${each}`),
    "",
  ].join("\n");
}

function rowOf(batch: Batch): readonly string[] {
  return [
    `${ago(batch.age_ms)} ago`,
    batch.version,
    batch.signature_name,
    batch.closed,
    batch.priority,
    String(batch.requests),
    String(batch.rows),
    String(batch.size),
    ms(batch.wait_median_ms),
    ms(batch.wait_max_ms),
    ms(batch.run_ms),
    batch.code === "OK" ? "" : batch.code,
  ];
}
