import { DEFAULT_SIGNATURE, type Frontend } from "../../../core/index.js";
import { RegressionRequestSchema } from "../../../protos/gen/tensorflow_serving/apis/regression_pb.js";
import { regressionResult } from "../../../protos/serving/example-results.js";
import { readExamplesRequest } from "../../../protos/serving/examples-request.js";
import { modelSpecField } from "../../../protos/serving/model-spec-field.js";
import { encodeMessage } from "../../../protos/wire/writer.js";
import { decoding } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

/** PredictionService.Regress. */
export function regress(frontend: Frontend): Handler {
  return async (bytes, options, event) => {
    const { spec, examples } = decoding(RegressionRequestSchema.typeName, () => readExamplesRequest(bytes));
    const lease = frontend.lease(toModelSpec(spec), event);
    try {
      const signature = spec?.signatureName || DEFAULT_SIGNATURE;
      const values = await lease.regress(signature, examples, options);
      return encodeMessage([regressionResult(1, values), modelSpecField(2, lease.model, lease.version, signature)]);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
