import { create } from "@bufbuild/protobuf";
import { type Frontend, type InferenceResult, invalidArgument, type ModelSpec } from "../../../core/index.js";
import {
  type InferenceTask,
  MultiInferenceRequestSchema,
} from "../../../protos/gen/tensorflow_serving/apis/inference_pb.js";
import { ModelSpecSchema } from "../../../protos/gen/tensorflow_serving/apis/model_pb.js";
import { classificationResult, regressionResult } from "../../../protos/serving/example-results.js";
import { readTasksRequest } from "../../../protos/serving/examples-request.js";
import { modelSpecField } from "../../../protos/serving/model-spec-field.js";
import { encodeMessage, type Field, message } from "../../../protos/wire/writer.js";
import { decoding } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

/** The model of all the tasks: the first one says which. */
function commonSpec([first, ...others]: readonly InferenceTask[]): ModelSpec {
  const spec = toModelSpec(first?.modelSpec ?? create(ModelSpecSchema));
  for (const { modelSpec } of others) {
    if (!modelSpec?.name) throw invalidArgument("Found ModelSpec with an empty model name.");
    if (modelSpec.name !== spec.name) {
      throw invalidArgument("All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    }
  }
  return spec;
}

function toField(result: InferenceResult, model: string, version: bigint): Field {
  const answer =
    result.method === "classify" ? classificationResult(2, result.classes) : regressionResult(3, result.values);
  return message(1, [modelSpecField(1, model, version, result.signature), answer]);
}

/** PredictionService.MultiInference. */
export function multiInference(frontend: Frontend): Handler {
  return async (bytes, options, event) => {
    const { tasks, examples } = decoding(MultiInferenceRequestSchema.typeName, () => readTasksRequest(bytes));
    const lease = frontend.lease(commonSpec(tasks), event);
    try {
      const asked = tasks.map(({ modelSpec, methodName }) => ({
        signature: modelSpec?.signatureName ?? "",
        method: methodName,
      }));
      const results = await lease.multiInference(asked, examples, options);
      return encodeMessage(results.map((result) => toField(result, lease.model, lease.version)));
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
