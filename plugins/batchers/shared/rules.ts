import type { Priority, Problem } from "../../../core/index.js";
import type { SharedBatcherOptions } from "./options.js";

/** What rules the batches of one priority. */
export type LaneRules = {
  /** Most rows of one batch, its padding aside. */
  readonly maxBatchRows: number;
  /** Milliseconds that a batch waits for more. */
  readonly timeout: number;
  readonly maxEnqueuedBatches: number;
  /** Ascending; the last is `maxBatchRows`. Empty: any size. */
  readonly sizes: readonly number[];
  readonly pad: boolean;
  readonly split: boolean;
};

/** What the options come to. */
export type Rules = {
  /** Most rows of one request. */
  readonly maxTaskRows: number;
  /** Milliseconds; absent where batches are as large as they may be. */
  readonly latencyTarget: number | undefined;
  readonly lanes: Readonly<Record<Priority, LaneRules>>;
  /** What normal batches take along of low priority. */
  readonly fill: "max" | "next size" | "nothing";
  readonly share: boolean;
};

const fills = {
  fillToMaxBatchSize: "max",
  fillToNextAllowedBatchSize: "next size",
  isolate: "nothing",
  merge: "max",
} as const;

export function rulesOf(options: SharedBatcherOptions): Rules {
  const { lowPriority: own } = options;
  const normal: LaneRules = {
    maxBatchRows: maxRows(options),
    timeout: options.timeout,
    maxEnqueuedBatches: options.maxEnqueuedBatches,
    sizes: options.allowedBatchSizes,
    pad: options.padVariableLengthInputs,
    split: options.enableLargeBatchSplitting,
  };
  const low: LaneRules = {
    ...normal,
    maxBatchRows: own.maxBatchSize ?? normal.maxBatchRows,
    timeout: own.timeout ?? normal.timeout,
    sizes: own.allowedBatchSizes ?? normal.sizes,
  };
  return {
    maxTaskRows: options.maxBatchSize,
    latencyTarget: options.latencyTarget,
    lanes: {
      normal,
      low: {
        ...(own.policy === "merge" ? normal : low),
        maxEnqueuedBatches: own.maxEnqueuedBatches ?? normal.maxEnqueuedBatches,
      },
    },
    fill: fills[own.policy],
    share: options.shareIdenticalRequests,
  };
}

/** The size that a batch is run with. Without rows there is none to repeat. */
export function paddedSize(rows: number, sizes: readonly number[]): number {
  if (rows === 0) return 0;
  for (const size of sizes) if (size >= rows) return size;
  return rows;
}

/** What contradicts itself, in TensorFlow Serving's words and names where it has any. */
export function problemsOf(options: SharedBatcherOptions): readonly Problem[] {
  const { maxBatchSize, maxExecutionBatchSize = maxBatchSize, lowPriority: low } = options;
  const problems: Problem[] = [];
  if (maxExecutionBatchSize > maxBatchSize) {
    const message = `max_execution_batch_size must not exceed max_batch_size; got ${maxExecutionBatchSize} and ${maxBatchSize}`;
    problems.push({ option: "maxExecutionBatchSize", message });
  }
  if (options.latencyTarget !== undefined && options.timeout > 0) {
    const message = `timeout and latencyTarget exclude each other; leave out timeout to have batches follow the target`;
    problems.push({ option: "latencyTarget", message });
  }
  const limit = options.enableLargeBatchSplitting ? "max_execution_batch_size" : "max_batch_size";
  const own = sizesProblem(options.allowedBatchSizes, maxRows(options), limit, "");
  if (own !== undefined) problems.push({ option: "allowedBatchSizes", message: own });
  const lowSizes = low.allowedBatchSizes ?? options.allowedBatchSizes;
  const lowRows = low.maxBatchSize ?? maxRows(options);
  if (low.policy === "merge") return problems;
  const theirs = own ?? sizesProblem(lowSizes, lowRows, "low_priority_max_batch_size", "low_priority_");
  if (theirs !== undefined && theirs !== own) problems.push({ option: "lowPriority", message: theirs });
  return problems;
}

function sizesProblem(sizes: readonly number[], expected: number, limit: string, prefix: string): string | undefined {
  const name = `${prefix}allowed_batch_sizes`;
  if (sizes.some((size, i) => size <= (sizes[i - 1] ?? 0))) return `${name} must be ascending; got ${sizes.join(", ")}`;
  const last = sizes.at(-1);
  if (last === undefined || last === expected) return undefined;
  return `Last entry in ${name} must match ${limit}; last entry was ${last}; expected ${expected}`;
}

function maxRows({ enableLargeBatchSplitting, maxBatchSize, maxExecutionBatchSize }: SharedBatcherOptions): number {
  return enableLargeBatchSplitting ? (maxExecutionBatchSize ?? maxBatchSize) : maxBatchSize;
}
