import { toBinary } from "@bufbuild/protobuf";
import {
  dataLoss,
  failedPrecondition,
  PREDICT_METHOD,
  record,
  type Signature,
  type TensorSpec,
} from "../../../../core/index.js";
import { TensorProtoSchema } from "../../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import type { SignatureDef, TensorInfo } from "../../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { decodeTensorProto } from "../../../../protos/tensor/decode.js";
import { dataTypeName, dtypeOf } from "../../../../protos/tensor/dtype.js";

/** The signature that TensorFlow runs once at load; it is not for callers. */
export const INIT_OP = "__saved_model_init_op";

function specOf(info: TensorInfo, what: string): TensorSpec {
  if (info.encoding.case !== "name") {
    throw failedPrecondition(`${what} is a ${info.encoding.case ?? "nameless"} tensor; only plain ones can be served`);
  }
  const dtype = dtypeOf(info.dtype);
  if (!dtype) throw failedPrecondition(`${what} is of type ${dataTypeName(info.dtype)}, which no tensor here can have`);
  const { tensorShape } = info;
  const name = info.encoding.value;
  if (!tensorShape || tensorShape.unknownRank) return { dtype, shape: null, name };
  const shape = tensorShape.dim.map(({ size }) => Number(size));
  if (shape.some((size) => !Number.isSafeInteger(size) || size < -1)) {
    throw dataLoss(`saved_model.pb: ${what} has the shape [${shape}]`);
  }
  const dimNames = tensorShape.dim.map((dim) => dim.name);
  return dimNames.some((each) => each !== "") ? { dtype, shape, dimNames, name } : { dtype, shape, name };
}

function specs(infos: Readonly<Record<string, TensorInfo>>, what: string): Record<string, TensorSpec> {
  return record(Object.entries(infos).map(([key, info]) => [key, specOf(info, `${what} "${key}"`)] as const));
}

/** @throws FAILED_PRECONDITION for sparse and composite tensors, and types outside the tensor's */
export function signatureOf(name: string, def: SignatureDef): Signature {
  const defaults = Object.entries(def.defaults).map(
    ([key, value]) => [key, decodeTensorProto(toBinary(TensorProtoSchema, value))] as const,
  );
  return {
    inputs: specs(def.inputs, `input of "${name}"`),
    outputs: specs(def.outputs, `output of "${name}"`),
    method: def.methodName || PREDICT_METHOD,
    ...(defaults.length > 0 ? { defaults: record(defaults) } : {}),
  };
}
