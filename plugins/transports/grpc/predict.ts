import { afterwards, askingFor, DEFAULT_SIGNATURE, type Frontend, whenDone } from "../../../core/index.js";
import { PredictRequestSchema } from "../../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { decodeInputs } from "../../../protos/serving/decode-inputs.js";
import { modelSpecField } from "../../../protos/serving/model-spec-field.js";
import { readPredictRequest } from "../../../protos/serving/predict-request.js";
import { tensorMap } from "../../../protos/serving/tensor-map.js";
import type { EncodeOptions } from "../../../protos/tensor/encode.js";
import { encodeMessage } from "../../../protos/wire/writer.js";
import { decoding } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

/** PredictionService.Predict. */
export function predict(frontend: Frontend, encoding: EncodeOptions): Handler {
  return (bytes, options, event, memory) => {
    const request = decoding(PredictRequestSchema.typeName, () => readPredictRequest(bytes));
    const lease = frontend.lease(toModelSpec(request.spec), event);
    const signature = request.spec?.signatureName || DEFAULT_SIGNATURE;
    const answer = whenDone(
      () => lease.predict(signature, decodeInputs(request.inputs, memory), askingFor(request.outputs, options)),
      (outputs) => {
        const spec = modelSpecField(2, lease.model, lease.version, signature);
        const response = encodeMessage([...tensorMap(1, outputs, encoding), spec]);
        if (lease.forgetsInputs) memory.giveBack();
        return response;
      },
    );
    return afterwards(answer, () => lease[Symbol.dispose]());
  };
}
