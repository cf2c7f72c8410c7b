import type { Problem } from "../../../core/index.js";
import type { SharedBatcherOptions } from "./options.js";

/** What the options come to. */
export type Rules = {
  /** Most rows of one request. */
  readonly maxTaskRows: number;
  /** Most rows of one batch, its padding aside. */
  readonly maxBatchRows: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxEnqueuedBatches: number;
  /** Ascending; the last is `maxBatchRows`. Empty: any size. */
  readonly sizes: readonly number[];
  readonly pad: boolean;
  readonly split: boolean;
};

export function rulesOf(options: SharedBatcherOptions): Rules {
  return {
    maxTaskRows: options.maxBatchSize,
    maxBatchRows: maxRows(options),
    timeout: options.timeout,
    maxEnqueuedBatches: options.maxEnqueuedBatches,
    sizes: options.allowedBatchSizes,
    pad: options.padVariableLengthInputs,
    split: options.enableLargeBatchSplitting,
  };
}

/** What contradicts itself, in TensorFlow Serving's words and names. */
export function problemsOf(options: SharedBatcherOptions): readonly Problem[] {
  const { allowedBatchSizes: sizes, maxBatchSize, maxExecutionBatchSize = maxBatchSize } = options;
  const problems: Problem[] = [];
  if (maxExecutionBatchSize > maxBatchSize) {
    const message = `max_execution_batch_size must not exceed max_batch_size; got ${maxExecutionBatchSize} and ${maxBatchSize}`;
    problems.push({ option: "maxExecutionBatchSize", message });
  }
  const option = "allowedBatchSizes";
  if (sizes.some((size, i) => size <= (sizes[i - 1] ?? 0))) {
    problems.push({ option, message: `allowed_batch_sizes must be ascending; got ${sizes.join(", ")}` });
  }
  const [last, expected] = [sizes.at(-1), maxRows(options)];
  if (last !== undefined && last !== expected) {
    const limit = options.enableLargeBatchSplitting ? "max_execution_batch_size" : "max_batch_size";
    const message = `Last entry in allowed_batch_sizes must match ${limit}; last entry was ${last}; expected ${expected}`;
    problems.push({ option, message });
  }
  return problems;
}

function maxRows({ enableLargeBatchSplitting, maxBatchSize, maxExecutionBatchSize }: SharedBatcherOptions): number {
  return enableLargeBatchSplitting ? (maxExecutionBatchSize ?? maxBatchSize) : maxBatchSize;
}
