import type { BatchingParameters } from "./gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";

/** Options of the batcher `shared`, from TensorFlow Serving's own message; what is absent is left to its defaults. */
export function batchingFromProto(parameters: BatchingParameters): Readonly<Record<string, unknown>> {
  const { batchTimeoutMicros: timeout, allowedBatchSizes } = parameters;
  return Object.fromEntries(
    Object.entries({
      maxBatchSize: numberOf(parameters.maxBatchSize),
      timeout: timeout === undefined ? undefined : `${timeout}us`,
      maxEnqueuedBatches: numberOf(parameters.maxEnqueuedBatches),
      threads: numberOf(parameters.numBatchThreads),
      pool: parameters.threadPoolName,
      allowedBatchSizes: allowedBatchSizes.length > 0 ? allowedBatchSizes.map(Number) : undefined,
      padVariableLengthInputs: parameters.padVariableLengthInputs || undefined,
      enableLargeBatchSplitting: parameters.enableLargeBatchSplitting,
      // Without effect otherwise, in TensorFlow Serving as well.
      maxExecutionBatchSize: parameters.enableLargeBatchSplitting
        ? numberOf(parameters.maxExecutionBatchSize)
        : undefined,
    }).filter(([, value]) => value !== undefined),
  );
}

const options =
  /\b(maxBatchSize|maxExecutionBatchSize|allowedBatchSizes|maxEnqueuedBatches|enableLargeBatchSplitting|padVariableLengthInputs)\b/g;

/** A text about options, with those that the message has by the message's names for them. */
export function inBatchingProto(text: string): string {
  return text.replace(options, (option) => option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

const numberOf = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));
