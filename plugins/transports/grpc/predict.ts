import { DEFAULT_SIGNATURE, type Frontend } from "../../../core/index.js";
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
  return async (bytes, { signal, deadline, priority }, event) => {
    const request = decoding(PredictRequestSchema.typeName, () => readPredictRequest(bytes));
    const lease = frontend.lease(toModelSpec(request.spec), event);
    try {
      const signature = request.spec?.signatureName || DEFAULT_SIGNATURE;
      const asked = { signal, deadline, priority, outputs: request.outputs };
      const outputs = await lease.predict(signature, decodeInputs(request.inputs), asked);
      const spec = modelSpecField(2, lease.model, lease.version, signature);
      return encodeMessage([...tensorMap(1, outputs, encoding), spec]);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
