import { isAbsolute, normalize, sep } from "node:path";
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

/** What contradicts itself, in TensorFlow Serving's words where it has any, by the options' own names. */
export function problemsOf(options: SharedBatcherOptions): readonly Problem[] {
  const { maxBatchSize, maxExecutionBatchSize = maxBatchSize, enableLargeBatchSplitting: split } = options;
  const { timeout, latencyTarget, lowPriority: low, allowedBatchSizes, perModelFile } = options;
  const problems: Problem[] = [];
  const found = (option: keyof SharedBatcherOptions, message: string | undefined) => {
    if (message !== undefined) problems.push({ option, message });
  };
  if (options.maxExecutionBatchSize !== undefined && !split) {
    const message = "maxExecutionBatchSize rules nothing where requests are not split; ";
    found("maxExecutionBatchSize", `${message}add "enableLargeBatchSplitting: true", or say maxBatchSize in its place`);
  } else if (maxExecutionBatchSize > maxBatchSize) {
    const message = "maxExecutionBatchSize must not exceed maxBatchSize";
    found("maxExecutionBatchSize", `${message}; got ${maxExecutionBatchSize} and ${maxBatchSize}`);
  }
  if (latencyTarget === 0) {
    found(
      "latencyTarget",
      "latencyTarget must be longer than 0s; leave it out, and nothing waits while a thread is free",
    );
  } else if (latencyTarget !== undefined && timeout > 0) {
    const message = "timeout and latencyTarget exclude each other";
    found("latencyTarget", `${message}; leave out timeout to have batches follow the target`);
  }
  if (perModelFile !== undefined && !isInside(perModelFile)) {
    found("perModelFile", `perModelFile is a path inside each version's folder; ${perModelFile} leads out of it`);
  }
  const limit = split ? "maxExecutionBatchSize" : "maxBatchSize";
  const own = sizesProblem(allowedBatchSizes, maxRows(options), limit, "");
  found("allowedBatchSizes", own);
  // Where versions bring a file of their own, it says the sizes.
  if (low.policy === "fillToNextAllowedBatchSize" && allowedBatchSizes.length === 0 && perModelFile === undefined) {
    const message = "fillToNextAllowedBatchSize fills what would be padding, and without allowedBatchSizes nothing is";
    found("lowPriority", `${message}; add these, or choose another policy`);
  }
  if (low.policy === "merge") return problems;
  const lowSizes = low.allowedBatchSizes ?? allowedBatchSizes;
  const lowRows = low.maxBatchSize ?? maxRows(options);
  const theirs = own ?? sizesProblem(lowSizes, lowRows, "lowPriority.maxBatchSize", "lowPriority.");
  if (theirs !== own) found("lowPriority", theirs);
  return problems;
}

const isInside = (path: string) => !isAbsolute(path) && normalize(path).split(sep)[0] !== "..";

function sizesProblem(sizes: readonly number[], expected: number, limit: string, prefix: string): string | undefined {
  const name = `${prefix}allowedBatchSizes`;
  if (sizes.some((size, i) => size <= (sizes[i - 1] ?? 0))) return `${name} must be ascending; got ${sizes.join(", ")}`;
  const last = sizes.at(-1);
  if (last === undefined || last === expected) return undefined;
  return `Last entry in ${name} must match ${limit}; last entry was ${last}; expected ${expected}`;
}

function maxRows({ enableLargeBatchSplitting, maxBatchSize, maxExecutionBatchSize }: SharedBatcherOptions): number {
  return enableLargeBatchSplitting ? (maxExecutionBatchSize ?? maxBatchSize) : maxBatchSize;
}
