import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FunctionDefSchema } from "../../protos/gen/tensorflow/core/framework/function_pb.js";
import { NodeDefSchema } from "../../protos/gen/tensorflow/core/framework/node_def_pb.js";
import { TensorProtoSchema } from "../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import {
  TensorShapeProto_DimSchema,
  TensorShapeProtoSchema,
} from "../../protos/gen/tensorflow/core/framework/tensor_shape_pb.js";
import { DataTypeSchema } from "../../protos/gen/tensorflow/core/framework/types_pb.js";
import { CodeSchema } from "../../protos/gen/tensorflow/core/protobuf/error_codes_pb.js";
import {
  MetaGraphDefSchema,
  SignatureDefSchema,
  TensorInfoSchema,
} from "../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import { SavedModelSchema } from "../../protos/gen/tensorflow/core/protobuf/saved_model_pb.js";
import { BundleEntryProtoSchema } from "../../protos/gen/tensorflow/core/protobuf/tensor_bundle_pb.js";
import {
  GetModelMetadataRequestSchema,
  GetModelMetadataResponseSchema,
  SignatureDefMapSchema,
} from "../../protos/gen/tensorflow_serving/apis/get_model_metadata_pb.js";
import {
  GetModelStatusRequestSchema,
  GetModelStatusResponseSchema,
  ModelVersionStatus_StateSchema,
  ModelVersionStatusSchema,
} from "../../protos/gen/tensorflow_serving/apis/get_model_status_pb.js";
import { ModelSpecSchema } from "../../protos/gen/tensorflow_serving/apis/model_pb.js";
import { ModelService } from "../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { PredictionService } from "../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { StatusProtoSchema } from "../../protos/gen/tensorflow_serving/apis/status_pb.js";
import { FileSystemStoragePathSourceConfig_ServableVersionPolicySchema } from "../../protos/gen/tensorflow_serving/config/file_system_storage_path_source_pb.js";
import {
  ModelConfigSchema,
  ModelServerConfigSchema,
} from "../../protos/gen/tensorflow_serving/config/model_server_config_pb.js";

const SCALARS = [
  "double",
  "float",
  "int64",
  "uint64",
  "int32",
  "fixed64",
  "fixed32",
  "bool",
  "string",
  "group",
  "message",
  "bytes",
  "uint32",
];

function typeOf(field: DescField): string {
  const named = field.message?.typeName ?? field.enum?.typeName;
  const scalar = field.scalar === undefined ? "?" : SCALARS[field.scalar - 1];
  if (field.fieldKind === "map") return `map<${SCALARS[field.mapKey - 1]},${named ?? scalar}>`;
  return `${field.fieldKind === "list" ? "repeated " : ""}${named ?? scalar}`;
}

const fields = (message: DescMessage) =>
  message.fields.map((field) => `${field.number} ${field.name} ${typeOf(field)}`).sort(byNumber);
const byNumber = (a: string, b: string) => Number.parseInt(a, 10) - Number.parseInt(b, 10);
const values = (schema: DescEnum) => Object.fromEntries(schema.values.map((value) => [value.name, value.number]));

// What clients have compiled in. A change here breaks every one of them.
const messages: readonly (readonly [DescMessage, string, readonly string[]])[] = [
  [
    ModelSpecSchema,
    "tensorflow.serving.ModelSpec",
    ["1 name string", "2 version google.protobuf.Int64Value", "3 signature_name string", "4 version_label string"],
  ],
  [
    PredictRequestSchema,
    "tensorflow.serving.PredictRequest",
    [
      "1 model_spec tensorflow.serving.ModelSpec",
      "2 inputs map<string,tensorflow.TensorProto>",
      "3 output_filter repeated string",
      "5 predict_streamed_options tensorflow.serving.PredictStreamedOptions",
      "6 client_id bytes",
      "7 request_options tensorflow.serving.PredictRequest.RequestOptions",
    ],
  ],
  [
    PredictResponseSchema,
    "tensorflow.serving.PredictResponse",
    ["1 outputs map<string,tensorflow.TensorProto>", "2 model_spec tensorflow.serving.ModelSpec"],
  ],
  [
    GetModelMetadataRequestSchema,
    "tensorflow.serving.GetModelMetadataRequest",
    ["1 model_spec tensorflow.serving.ModelSpec", "2 metadata_field repeated string"],
  ],
  [
    GetModelMetadataResponseSchema,
    "tensorflow.serving.GetModelMetadataResponse",
    ["1 model_spec tensorflow.serving.ModelSpec", "2 metadata map<string,google.protobuf.Any>"],
  ],
  [
    SignatureDefMapSchema,
    "tensorflow.serving.SignatureDefMap",
    ["1 signature_def map<string,tensorflow.SignatureDef>"],
  ],
  [
    GetModelStatusRequestSchema,
    "tensorflow.serving.GetModelStatusRequest",
    ["1 model_spec tensorflow.serving.ModelSpec"],
  ],
  [
    GetModelStatusResponseSchema,
    "tensorflow.serving.GetModelStatusResponse",
    ["1 model_version_status repeated tensorflow.serving.ModelVersionStatus"],
  ],
  [
    ModelVersionStatusSchema,
    "tensorflow.serving.ModelVersionStatus",
    [
      "1 version int64",
      "2 state tensorflow.serving.ModelVersionStatus.State",
      "3 status tensorflow.serving.StatusProto",
    ],
  ],
  [
    StatusProtoSchema,
    "tensorflow.serving.StatusProto",
    ["1 error_code tensorflow.error.Code", "2 error_message string"],
  ],
  [
    ModelConfigSchema,
    "tensorflow.serving.ModelConfig",
    [
      "1 name string",
      "2 base_path string",
      "3 model_type tensorflow.serving.ModelType",
      "4 model_platform string",
      "6 logging_config tensorflow.serving.LoggingConfig",
      "7 model_version_policy tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy",
      "8 version_labels map<string,int64>",
    ],
  ],
  [
    ModelServerConfigSchema,
    "tensorflow.serving.ModelServerConfig",
    ["1 model_config_list tensorflow.serving.ModelConfigList", "2 custom_model_config google.protobuf.Any"],
  ],
  [
    FileSystemStoragePathSourceConfig_ServableVersionPolicySchema,
    "tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy",
    [
      "100 latest tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy.Latest",
      "101 all tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy.All",
      "102 specific tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy.Specific",
    ],
  ],
  [
    TensorProtoSchema,
    "tensorflow.TensorProto",
    [
      "1 dtype tensorflow.DataType",
      "2 tensor_shape tensorflow.TensorShapeProto",
      "3 version_number int32",
      "4 tensor_content bytes",
      "5 float_val repeated float",
      "6 double_val repeated double",
      "7 int_val repeated int32",
      "8 string_val repeated bytes",
      "9 scomplex_val repeated float",
      "10 int64_val repeated int64",
      "11 bool_val repeated bool",
      "12 dcomplex_val repeated double",
      "13 half_val repeated int32",
      "14 resource_handle_val repeated tensorflow.ResourceHandleProto",
      "15 variant_val repeated tensorflow.VariantTensorDataProto",
      "16 uint32_val repeated uint32",
      "17 uint64_val repeated uint64",
      "18 float8_val bytes",
    ],
  ],
  [
    TensorShapeProtoSchema,
    "tensorflow.TensorShapeProto",
    ["2 dim repeated tensorflow.TensorShapeProto.Dim", "3 unknown_rank bool"],
  ],
  [TensorShapeProto_DimSchema, "tensorflow.TensorShapeProto.Dim", ["1 size int64", "2 name string"]],
  [
    SavedModelSchema,
    "tensorflow.SavedModel",
    ["1 saved_model_schema_version int64", "2 meta_graphs repeated tensorflow.MetaGraphDef"],
  ],
  [
    MetaGraphDefSchema,
    "tensorflow.MetaGraphDef",
    [
      "1 meta_info_def tensorflow.MetaGraphDef.MetaInfoDef",
      "2 graph_def tensorflow.GraphDef",
      "3 saver_def tensorflow.SaverDef",
      "4 collection_def map<string,tensorflow.CollectionDef>",
      "5 signature_def map<string,tensorflow.SignatureDef>",
      "6 asset_file_def repeated tensorflow.AssetFileDef",
      "7 object_graph_def tensorflow.SavedObjectGraph",
    ],
  ],
  [
    SignatureDefSchema,
    "tensorflow.SignatureDef",
    [
      "1 inputs map<string,tensorflow.TensorInfo>",
      "2 outputs map<string,tensorflow.TensorInfo>",
      "3 method_name string",
      "4 defaults map<string,tensorflow.TensorProto>",
    ],
  ],
  [
    TensorInfoSchema,
    "tensorflow.TensorInfo",
    [
      "1 name string",
      "2 dtype tensorflow.DataType",
      "3 tensor_shape tensorflow.TensorShapeProto",
      "4 coo_sparse tensorflow.TensorInfo.CooSparse",
      "5 composite_tensor tensorflow.TensorInfo.CompositeTensor",
    ],
  ],
  [
    NodeDefSchema,
    "tensorflow.NodeDef",
    [
      "1 name string",
      "2 op string",
      "3 input repeated string",
      "4 device string",
      "5 attr map<string,tensorflow.AttrValue>",
      "6 experimental_debug_info tensorflow.NodeDef.ExperimentalDebugInfo",
      "7 experimental_type tensorflow.FullTypeDef",
    ],
  ],
  [
    FunctionDefSchema,
    "tensorflow.FunctionDef",
    [
      "1 signature tensorflow.OpDef",
      "3 node_def repeated tensorflow.NodeDef",
      "4 ret map<string,string>",
      "5 attr map<string,tensorflow.AttrValue>",
      "6 control_ret map<string,string>",
      "7 arg_attr map<uint32,tensorflow.FunctionDef.ArgAttrs>",
      "8 resource_arg_unique_id map<uint32,uint32>",
    ],
  ],
  [
    BundleEntryProtoSchema,
    "tensorflow.BundleEntryProto",
    [
      "1 dtype tensorflow.DataType",
      "2 shape tensorflow.TensorShapeProto",
      "3 shard_id int32",
      "4 offset int64",
      "5 size int64",
      "6 crc32c fixed32",
      "7 slices repeated tensorflow.TensorSliceProto",
    ],
  ],
];

describe("field numbers", () => {
  it.each(messages.map(([schema, name, expected]) => ({ schema, name, expected })))(
    "$name",
    ({ schema, name, expected }) => {
      expect(schema.typeName).toBe(name);
      expect(fields(schema)).toEqual(expected);
    },
  );

  it("has the files where descriptor pools of clients have them", () => {
    expect(PredictRequestSchema.file.proto.name).toBe("tensorflow_serving/apis/predict.proto");
    expect(TensorProtoSchema.file.proto.name).toBe("tensorflow/core/framework/tensor.proto");
    expect(ModelConfigSchema.file.proto.name).toBe("tensorflow_serving/config/model_server_config.proto");
  });

  it("names the services and their methods", () => {
    expect(PredictionService.typeName).toBe("tensorflow.serving.PredictionService");
    expect(PredictionService.methods.map((method) => method.name)).toEqual([
      "Classify",
      "Regress",
      "Predict",
      "MultiInference",
      "GetModelMetadata",
    ]);
    expect(ModelService.typeName).toBe("tensorflow.serving.ModelService");
    expect(ModelService.methods.map((method) => method.name)).toEqual(["GetModelStatus", "HandleReloadConfigRequest"]);
  });

  it("numbers states, element types and error codes", () => {
    expect(values(ModelVersionStatus_StateSchema)).toEqual({
      UNKNOWN: 0,
      START: 10,
      LOADING: 20,
      AVAILABLE: 30,
      UNLOADING: 40,
      END: 50,
    });
    expect(values(CodeSchema)).toMatchObject({
      OK: 0,
      INVALID_ARGUMENT: 3,
      NOT_FOUND: 5,
      DATA_LOSS: 15,
      UNAUTHENTICATED: 16,
    });
    expect(values(DataTypeSchema)).toMatchObject({
      DT_FLOAT: 1,
      DT_STRING: 7,
      DT_INT64: 9,
      DT_BOOL: 10,
      DT_BFLOAT16: 14,
      DT_HALF: 19,
      DT_UINT64: 23,
      DT_FLOAT8_E5M2: 24,
      DT_FLOAT4_E2M1FN: 33,
      DT_FLOAT_REF: 101,
    });
  });
});
