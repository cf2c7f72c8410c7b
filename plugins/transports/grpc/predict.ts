import {
  DEFAULT_SIGNATURE,
  type Frontend,
  invalidArgument,
  messageOf,
  record,
  type Tensors,
} from "../../../core/index.js";
import { PredictRequestSchema } from "../../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { createBudget, decodeTensorProto } from "../../../protos/tensor/decode.js";
import { type EncodeOptions, tensorFields } from "../../../protos/tensor/encode.js";
import { encodeMessage, type Field, message, string } from "../../../protos/wire/writer.js";
import { decoding } from "./messages.js";
import { modelSpecField, toModelSpec } from "./model-spec.js";
import { readPredictRequest } from "./predict-request.js";
import type { Handler } from "./unary.js";

function decodeInputs(inputs: ReadonlyMap<string, Uint8Array>): Tensors {
  const budget = createBudget();
  const tensors = record<Tensors[string]>();
  for (const [name, bytes] of inputs) {
    try {
      tensors[name] = decodeTensorProto(bytes, budget);
    } catch (error) {
      throw invalidArgument(`tensor parsing error: ${name}: ${messageOf(error)}`);
    }
  }
  return tensors;
}

// Written by hand as the tensors are: one buffer of the right size, each tensor's elements copied once.
function encodeResponse(outputs: Tensors, spec: Field, options: EncodeOptions): Buffer {
  const entries = Object.entries(outputs).map(([name, tensor]) =>
    message(1, [string(1, name), message(2, tensorFields(tensor, options))]),
  );
  return encodeMessage([...entries, spec]);
}

/** PredictionService.Predict. */
export function predict(frontend: Frontend, options: EncodeOptions): Handler {
  return async (bytes, signal, event) => {
    const request = decoding(PredictRequestSchema.typeName, () => readPredictRequest(bytes));
    const lease = frontend.lease(toModelSpec(request.spec), event);
    try {
      const signature = request.spec?.signatureName || DEFAULT_SIGNATURE;
      const outputs = await lease.predict(signature, decodeInputs(request.inputs), {
        outputs: request.outputs,
        signal,
      });
      return encodeResponse(outputs, modelSpecField(2, lease.model, lease.version, signature), options);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
