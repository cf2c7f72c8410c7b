import type { Example, InferenceResult, LoggedRequest } from "../../core/index.js";
import { bytes, double, encodeMessage, type Field, message, string, varint } from "../wire/writer.js";
import { classificationResult, regressionResult } from "./example-results.js";
import { modelSpecField } from "./model-spec-field.js";
import { LogType } from "./prediction-log.js";
import { tensorMap } from "./tensor-map.js";

/** An Input; the features of a shared context are in every example already. */
const input = (examples: readonly Example[]): Field =>
  message(2, [
    message(
      1,
      examples.map((example) => bytes(1, example.bytes)),
    ),
  ]);

const specOf =
  ({ model, version }: LoggedRequest) =>
  (field: number, signature: string): Field =>
    modelSpecField(field, model, version, signature);

/** The fields `request` and `response` of the log that this kind of request has. */
function exchange(logged: LoggedRequest): readonly Field[] {
  const spec = specOf(logged);
  switch (logged.kind) {
    case "predict": {
      const { signature, inputs, outputFilter, outputs } = logged;
      const filter = outputFilter.map((name) => string(3, name));
      return [
        message(1, [spec(1, signature), ...tensorMap(2, inputs), ...filter]),
        message(2, [...tensorMap(1, outputs), spec(2, signature)]),
      ];
    }
    case "classify": {
      const { signature, examples, classes } = logged;
      return [
        message(1, [spec(1, signature), input(examples)]),
        message(2, [classificationResult(1, classes), spec(2, signature)]),
      ];
    }
    case "regress": {
      const { signature, examples, values } = logged;
      return [
        message(1, [spec(1, signature), input(examples)]),
        message(2, [regressionResult(1, values), spec(2, signature)]),
      ];
    }
    case "multiInference": {
      const { tasks, examples, results } = logged;
      const asked = tasks.map(({ signature, method }) => message(1, [spec(1, signature), string(2, method)]));
      const answered = results.map((result) => message(1, [spec(1, result.signature), resultField(result)]));
      return [message(1, [...asked, input(examples)]), message(2, answered)];
    }
  }
}

const resultField = (result: InferenceResult): Field =>
  result.method === "classify" ? classificationResult(2, result.classes) : regressionResult(3, result.values);

/** The model spec of the whole: several signatures are none. */
const signatureOf = (logged: LoggedRequest): string => (logged.kind === "multiInference" ? "" : logged.signature);

/** A serialized PredictionLog with its LogMetadata. */
export function encodePredictionLog(logged: LoggedRequest): Buffer {
  const { timestamp, samplingRate } = logged;
  const metadata = message(1, [
    specOf(logged)(1, signatureOf(logged)),
    message(2, [double(1, samplingRate)]),
    varint(4, Math.floor(timestamp / 1000)),
  ]);
  return encodeMessage([metadata, message(LogType[logged.kind], exchange(logged))]);
}
