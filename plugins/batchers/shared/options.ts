import { z } from "zod";
import { duration } from "../../../core/index.js";

const count = () => z.int().positive();
const sizes = () => z.array(count());

const lowPriority = z.strictObject({
  maxBatchSize: count().optional().describe("Most rows of a batch of low priority; by default that of the others."),
  timeout: duration().optional().describe("How long such a batch waits for more; by default as long as the others."),
  maxEnqueuedBatches: count()
    .optional()
    .describe("Such batches that may wait in one queue; by default as many as of the others."),
  allowedBatchSizes: sizes()
    .optional()
    .describe("Sizes, ascending, to which such batches are padded; by default those of the others."),
  policy: z
    .enum(["fillToMaxBatchSize", "fillToNextAllowedBatchSize", "isolate", "merge"])
    .default("fillToMaxBatchSize")
    .describe("What a normal batch takes along from those that wait with low priority."),
});

export const options = z.strictObject({
  maxBatchSize: count().default(1000).describe("Most rows of one request and, without splitting, of one batch."),
  timeout: duration().prefault("0s").describe("How long a batch that is not full waits for more, once it has begun."),
  latencyTarget: duration()
    .optional()
    .describe("In place of timeout: the time, waiting and run, that batches are kept small enough for."),
  maxEnqueuedBatches: count().default(10).describe("Batches that may wait in one queue; beyond it UNAVAILABLE."),
  threads: count()
    .optional()
    .describe("Batches under way at once, over all models of the pool; by default one for each CPU."),
  pool: z.string().min(1).default("batch_threads").describe("Models whose pools have one name share its threads."),
  allowedBatchSizes: sizes()
    .default([])
    .describe("Sizes, ascending, to which batches are padded by repeating a row; none: any size goes."),
  padVariableLengthInputs: z
    .boolean()
    .default(false)
    .describe("Whether inputs are padded, where the signature leaves dimensions open, to one shape to share a batch."),
  enableLargeBatchSplitting: z
    .boolean()
    .default(false)
    .describe("Whether a request may be spread over several batches."),
  maxExecutionBatchSize: count()
    .optional()
    .describe("Most rows of a batch where requests are split; by default that of maxBatchSize."),
  lowPriority: lowPriority.prefault({}).describe("The queue of the requests that say they are of low priority."),
  shareIdenticalRequests: z
    .boolean()
    .default(false)
    .describe("Whether requests that are equal byte by byte, and under way at once, share one execution."),
  perModelFile: z
    .string()
    .min(1)
    .optional()
    .describe("A text BatchingParameters in each version's folder, in place of these options; without it no batching."),
});

export type SharedBatcherOptions = z.infer<typeof options>;
