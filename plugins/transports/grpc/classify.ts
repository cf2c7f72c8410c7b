import { DEFAULT_SIGNATURE, type Frontend } from "../../../core/index.js";
import { ClassificationRequestSchema } from "../../../protos/gen/tensorflow_serving/apis/classification_pb.js";
import { classificationResult } from "../../../protos/serving/example-results.js";
import { readExamplesRequest } from "../../../protos/serving/examples-request.js";
import { modelSpecField } from "../../../protos/serving/model-spec-field.js";
import { encodeMessage } from "../../../protos/wire/writer.js";
import { decoding } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

/** PredictionService.Classify. */
export function classify(frontend: Frontend): Handler {
  return async (bytes, options, event) => {
    const { spec, examples } = decoding(ClassificationRequestSchema.typeName, () => readExamplesRequest(bytes));
    const lease = frontend.lease(toModelSpec(spec), event);
    try {
      const signature = spec?.signatureName || DEFAULT_SIGNATURE;
      const classes = await lease.classify(signature, examples, options);
      return encodeMessage([
        classificationResult(1, classes),
        modelSpecField(2, lease.model, lease.version, signature),
      ]);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
