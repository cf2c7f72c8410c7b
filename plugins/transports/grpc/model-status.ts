import { create } from "@bufbuild/protobuf";
import { Code, type Frontend, type VersionStatus } from "../../../core/index.js";
import {
  GetModelStatusRequestSchema,
  GetModelStatusResponseSchema,
  ModelVersionStatus_State as State,
} from "../../../protos/gen/tensorflow_serving/apis/get_model_status_pb.js";
import { decodeMessage, encode } from "./messages.js";
import { toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

const toMessage = ({ version, state, code, message }: VersionStatus) => ({
  version,
  state: State[state],
  status: { errorCode: Code[code], errorMessage: message },
});

/** ModelService.GetModelStatus. A label in the request is left aside, as TensorFlow Serving does. */
export function getModelStatus(frontend: Frontend): Handler {
  return (bytes, _, event) => {
    const { name, version } = toModelSpec(decodeMessage(GetModelStatusRequestSchema, bytes).modelSpec);
    if (event) event.model = name;
    const statuses = frontend.status({ name, version });
    const response = create(GetModelStatusResponseSchema, { modelVersionStatus: statuses.map(toMessage) });
    return encode(GetModelStatusResponseSchema, response);
  };
}
