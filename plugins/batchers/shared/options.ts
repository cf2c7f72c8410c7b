import { z } from "zod";
import { duration } from "../../../core/index.js";

const count = () => z.int().positive();

export const options = z.strictObject({
  maxBatchSize: count().default(1000).describe("Most rows of one request and, without splitting, of one batch."),
  timeout: duration().prefault("0s").describe("How long a batch that is not full waits for more, once it has begun."),
  maxEnqueuedBatches: count().default(10).describe("Batches that may wait in one queue; beyond it UNAVAILABLE."),
  threads: count()
    .optional()
    .describe("Batches under way at once, over all models of the pool; by default one for each CPU."),
  pool: z.string().min(1).default("batch_threads").describe("Models whose pools have one name share its threads."),
  allowedBatchSizes: z
    .array(count())
    .default([])
    .describe("Sizes, ascending, to which batches are padded by repeating a row; none: any size goes."),
  padVariableLengthInputs: z
    .boolean()
    .default(false)
    .describe("Whether inputs whose other dimensions differ are padded to one shape and share a batch."),
  enableLargeBatchSplitting: z
    .boolean()
    .default(false)
    .describe("Whether a request may be spread over several batches."),
  maxExecutionBatchSize: count()
    .optional()
    .describe("Most rows of a batch where requests are split; by default that of maxBatchSize."),
  perModelFile: z
    .string()
    .min(1)
    .optional()
    .describe("A text BatchingParameters in each version's folder, in place of these options; without it no batching."),
});

export type SharedBatcherOptions = z.infer<typeof options>;
