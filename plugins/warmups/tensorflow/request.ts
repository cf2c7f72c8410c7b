import { invalidArgument, messageOf, unimplemented, type WarmupTarget } from "../../../core/index.js";
import { decodeInputs } from "../../../protos/serving/decode-inputs.js";
import { readExamplesRequest, readTasksRequest } from "../../../protos/serving/examples-request.js";
import { readPredictRequest } from "../../../protos/serving/predict-request.js";
import { LogType, readPredictionLog } from "../../../protos/serving/prediction-log.js";

/** A recorded request, to be run as often as wanted. The model and version that it names are not looked at. */
export type RecordedRequest = (target: WarmupTarget, signal: AbortSignal) => Promise<unknown>;

function examplesRequest(method: "classify" | "regress", bytes: Uint8Array): RecordedRequest {
  const { spec, examples } = readExamplesRequest(bytes);
  return (target, signal) => target[method](spec?.signatureName ?? "", examples, { signal });
}

function predictRequest(bytes: Uint8Array): RecordedRequest {
  const { spec, inputs, outputs } = readPredictRequest(bytes);
  const tensors = decodeInputs(inputs);
  return async (target, signal) => target.predict(spec?.signatureName ?? "", tensors, { outputs, signal });
}

function tasksRequest(bytes: Uint8Array): RecordedRequest {
  const { tasks, examples } = readTasksRequest(bytes);
  const asked = tasks.map(({ modelSpec, methodName }) => ({
    signature: modelSpec?.signatureName ?? "",
    method: methodName,
  }));
  return (target, signal) => target.multiInference(asked, examples, { signal });
}

const readers: Readonly<Record<number, (bytes: Uint8Array) => RecordedRequest>> = {
  [LogType.classify]: (bytes) => examplesRequest("classify", bytes),
  [LogType.regress]: (bytes) => examplesRequest("regress", bytes),
  [LogType.multiInference]: tasksRequest,
  [LogType.predict]: predictRequest,
};

/**
 * The request in a serialized PredictionLog.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, UNIMPLEMENTED for a kind of log that cannot be run
 */
export function recordedRequest(bytes: Uint8Array, path: string): RecordedRequest {
  const unparsable = (error: unknown) =>
    invalidArgument(`Failed to parse warmup record: ${messageOf(error)} from ${path}`, error);
  const { type, request } = attempt(() => readPredictionLog(bytes), unparsable);
  const read = readers[type];
  if (!read) throw unimplemented(`Unsupported log_type for warmup: ${type}`);
  return attempt(() => read(request), unparsable);
}

function attempt<T>(work: () => T, explained: (error: unknown) => Error): T {
  try {
    return work();
  } catch (error) {
    throw explained(error);
  }
}
