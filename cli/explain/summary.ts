import type { BatchesReply } from "../../plugins/transports/rest/batches.js";

export type Batch = BatchesReply["batches"][number];

/** What the batches of one signature come to. Times are milliseconds, shares from 0 to 1, and rows those of requests. */
export type Summary = {
  readonly version: string;
  readonly signature: string;
  readonly batches: number;
  readonly requests: number;
  /** Since the first of them ended, and since the last. */
  readonly since: number;
  readonly newest: number;
  /** Why they closed, the most frequent first. */
  readonly closed: readonly Closed[];
  /** Of a batch, on average, and the most that it might have had. */
  readonly rows: number;
  readonly limit: number;
  /** That the limit of the last batch was found for, where it was below the configured one. */
  readonly latencyTarget: number | undefined;
  /** Of what ran, the share that was padding. */
  readonly padding: number;
  /** Of a batch in the middle its request in the middle, and of all the longest. */
  readonly wait: number;
  readonly longestWait: number;
  readonly run: number;
  readonly longestRun: number;
  /** Batches whose run failed, not because all their callers had gone, and with which codes. */
  readonly failed: number;
  readonly codes: readonly string[];
};

export type Closed = {
  readonly why: Batch["closed"];
  readonly share: number;
  readonly rows: number;
  readonly wait: number;
};

/** The codes of batches that ended when nobody waited for them any more. */
const GIVEN_UP: ReadonlySet<string> = new Set(["CANCELLED", "DEADLINE_EXCEEDED"]);

/** One summary for each version and signature, the one that ran last first. */
export function summarize(batches: readonly Batch[]): readonly Summary[] {
  return groupsOf(batches, ({ version, signature_name }) => JSON.stringify([version, signature_name])).map(summaryOf);
}

function summaryOf(batches: readonly Batch[]): Summary {
  const { version, signature_name: signature } = batches[0] as Batch;
  const [rows, size, requests] = [sum(batches, "rows"), sum(batches, "size"), sum(batches, "requests")];
  const ages = batches.map(({ age_ms }) => age_ms);
  const runs = batches.map(({ run_ms }) => run_ms);
  const failures = batches.map(({ code }) => code).filter((code) => code !== "OK" && !GIVEN_UP.has(code));
  return {
    version,
    signature,
    batches: batches.length,
    requests,
    since: Math.max(...ages),
    newest: Math.min(...ages),
    closed: groupsOf(batches, ({ closed }) => closed)
      .map((those) => closedOf(those, batches.length))
      .sort((a, b) => b.share - a.share),
    rows: rows / batches.length,
    limit: Math.max(...batches.map(({ limit }) => limit)),
    latencyTarget: batches[0]?.latency_target_ms,
    padding: size === 0 ? 0 : (size - rows) / size,
    wait: median(batches.map(({ wait_median_ms }) => wait_median_ms)),
    longestWait: Math.max(...batches.map(({ wait_max_ms }) => wait_max_ms)),
    run: median(runs),
    longestRun: Math.max(...runs),
    failed: failures.length,
    codes: [...new Set(failures)],
  };
}

function closedOf(those: readonly Batch[], all: number): Closed {
  return {
    why: (those[0] as Batch).closed,
    share: those.length / all,
    rows: sum(those, "rows") / those.length,
    wait: median(those.map(({ wait_median_ms }) => wait_median_ms)),
  };
}

const sum = (batches: readonly Batch[], key: "rows" | "size" | "requests") =>
  batches.reduce((total, each) => total + each[key], 0);

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function groupsOf(batches: readonly Batch[], keyOf: (batch: Batch) => string): readonly (readonly Batch[])[] {
  const groups = new Map<string, Batch[]>();
  for (const each of batches) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return [...groups.values()];
}
