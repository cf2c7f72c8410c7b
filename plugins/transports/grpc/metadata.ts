import { create, fromBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  type Frontend,
  invalidArgument,
  PREDICT_METHOD,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "../../../core/index.js";
import { TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import {
  type TensorShapeProto,
  TensorShapeProtoSchema,
} from "../../../protos/gen/tensorflow/core/framework/tensor_shape_pb.js";
import {
  type SignatureDef,
  SignatureDefSchema,
  type TensorInfo,
  TensorInfoSchema,
} from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import {
  GetModelMetadataRequestSchema,
  GetModelMetadataResponseSchema,
  SignatureDefMapSchema,
} from "../../../protos/gen/tensorflow_serving/apis/get_model_metadata_pb.js";
import { dataTypeOf } from "../../../protos/tensor/dtype.js";
import { encodeTensorProto } from "../../../protos/tensor/encode.js";
import { decodeMessage, encode } from "./messages.js";
import { answeredBy, toModelSpec } from "./model-spec.js";
import type { Handler } from "./unary.js";

/** The only kind of metadata there is. */
const FIELD = "signature_def";

function toShape({ shape, dimNames }: TensorSpec): TensorShapeProto {
  if (shape === null) return create(TensorShapeProtoSchema, { unknownRank: true });
  const dim = shape.map((size, i) => ({ size: BigInt(size), name: dimNames?.[i] ?? "" }));
  return create(TensorShapeProtoSchema, { dim });
}

function toTensorInfo(spec: TensorSpec): TensorInfo {
  return create(TensorInfoSchema, {
    encoding: { case: "name", value: spec.name ?? "" },
    dtype: dataTypeOf(spec.dtype),
    tensorShape: toShape(spec),
  });
}

const mapValues = <A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

const toTensorProto = (tensor: Tensor) => fromBinary(TensorProtoSchema, encodeTensorProto(tensor));

function toSignatureDef({ inputs, outputs, method = PREDICT_METHOD, defaults = {} }: Signature): SignatureDef {
  return create(SignatureDefSchema, {
    inputs: mapValues(inputs, toTensorInfo),
    outputs: mapValues(outputs, toTensorInfo),
    methodName: method,
    defaults: mapValues(defaults, toTensorProto),
  });
}

/** PredictionService.GetModelMetadata. */
export function getModelMetadata(frontend: Frontend): Handler {
  return (bytes, _, event) => {
    const request = decodeMessage(GetModelMetadataRequestSchema, bytes);
    const spec = toModelSpec(request.modelSpec);
    if (request.metadataField.length === 0) {
      throw invalidArgument("GetModelMetadataRequest must specify at least one metadata_field");
    }
    const unknown = request.metadataField.find((field) => field !== FIELD);
    if (unknown !== undefined) throw invalidArgument(`Metadata field ${unknown} is not supported`);
    const lease = frontend.lease(spec, event);
    try {
      const map = create(SignatureDefMapSchema, { signatureDef: mapValues(lease.signatures, toSignatureDef) });
      const response = create(GetModelMetadataResponseSchema, {
        modelSpec: answeredBy(lease.model, lease.version),
        metadata: { [FIELD]: anyPack(SignatureDefMapSchema, map) },
      });
      return encode(GetModelMetadataResponseSchema, response);
    } finally {
      lease[Symbol.dispose]();
    }
  };
}
