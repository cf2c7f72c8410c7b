import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import * as grpc from "@grpc/grpc-js";
import { type DType, record, type Tensor, type Tensors, tensor } from "salver";
import { type TensorProto, TensorProtoSchema } from "../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../../protos/gen/tensorflow/core/framework/types_pb.js";
import {
  GetModelMetadataRequestSchema,
  GetModelMetadataResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/get_model_metadata_pb.js";
import {
  GetModelStatusRequestSchema,
  GetModelStatusResponseSchema,
} from "../../../protos/gen/tensorflow_serving/apis/get_model_status_pb.js";
import { type ModelSpec, ModelSpecSchema } from "../../../protos/gen/tensorflow_serving/apis/model_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../../protos/gen/tensorflow_serving/apis/predict_pb.js";

/** A client that knows nothing of Salver: grpc-js with messages by generated code. */
export function grpcClient(address: string) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    // Clients share no connection.
    "grpc.use_local_subchannel_pool": 1,
  });

  function call<I extends Message, O extends Message>(path: string, input: GenMessage<I>, output: GenMessage<O>) {
    return (request: I, options: grpc.CallOptions = {}) =>
      new Promise<O>((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          (message: I) => Buffer.from(toBinary(input, message)),
          (bytes: Buffer) => fromBinary(output, bytes),
          request,
          options,
          (error, reply) => (error || !reply ? reject(error) : resolve(reply)),
        );
      });
  }
  const service = "/tensorflow.serving.PredictionService";
  const predictRaw = call(`${service}/Predict`, PredictRequestSchema, PredictResponseSchema);
  const metadata = call(`${service}/GetModelMetadata`, GetModelMetadataRequestSchema, GetModelMetadataResponseSchema);
  const status = call(
    "/tensorflow.serving.ModelService/GetModelStatus",
    GetModelStatusRequestSchema,
    GetModelStatusResponseSchema,
  );

  return {
    predictRaw,
    predict: async (
      spec: ModelInit,
      inputs: Tensors,
      outputFilter: string[] = [],
    ): Promise<{ outputs: Tensors; spec: ModelSpec | undefined }> => {
      const protos = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toProto(value)]));
      const reply = await predictRaw(
        create(PredictRequestSchema, { modelSpec: modelSpec(spec), inputs: protos, outputFilter }),
      );
      const outputs = record(Object.entries(reply.outputs).map(([name, value]) => [name, fromProto(value)] as const));
      return { outputs, spec: reply.modelSpec };
    },
    metadata: (spec: ModelInit) =>
      metadata(create(GetModelMetadataRequestSchema, { modelSpec: modelSpec(spec), metadataField: ["signature_def"] })),
    status: (spec: ModelInit) => status(create(GetModelStatusRequestSchema, { modelSpec: modelSpec(spec) })),
    /** Sends bytes as they are. */
    sendBytes: (path: string, bytes: Uint8Array) =>
      new Promise<Buffer>((resolve, reject) => {
        const same = (value: Buffer) => value;
        client.makeUnaryRequest(path, same, same, Buffer.from(bytes), (error, reply) =>
          error || !reply ? reject(error) : resolve(reply),
        );
      }),
    close: () => client.close(),
  };
}

export type ModelInit = { name: string; version?: bigint; label?: string; signature?: string };

function modelSpec({ name, version, label, signature = "" }: ModelInit): ModelSpec {
  const choice =
    version !== undefined
      ? { case: "version" as const, value: { value: version } as never }
      : label !== undefined
        ? { case: "versionLabel" as const, value: label }
        : { case: undefined };
  return create(ModelSpecSchema, { name, signatureName: signature, versionChoice: choice as never });
}

const kinds: Partial<Record<DType, readonly [DataType, keyof TensorProto]>> = {
  float32: [DataType.DT_FLOAT, "floatVal"],
  float64: [DataType.DT_DOUBLE, "doubleVal"],
  int32: [DataType.DT_INT32, "intVal"],
  int64: [DataType.DT_INT64, "int64Val"],
  bool: [DataType.DT_BOOL, "boolVal"],
  string: [DataType.DT_STRING, "stringVal"],
};

function toProto({ dtype, shape, data }: Tensor): TensorProto {
  const [number, field] = kinds[dtype] ?? [];
  if (number === undefined || field === undefined) throw new Error(`the test client does not know ${dtype}`);
  const values = Array.from(data as ArrayLike<unknown>, (item) => (dtype === "bool" ? Boolean(item) : item));
  return create(TensorProtoSchema, {
    dtype: number,
    tensorShape: { dim: shape.map((size) => ({ size: BigInt(size) })) } as never,
    [field]: values,
  });
}

function fromProto(proto: TensorProto): Tensor {
  const found = Object.entries(kinds).find(([, [number]]) => number === proto.dtype);
  if (!found) throw new Error(`the test client does not know type ${proto.dtype}`);
  const [dtype, [, field]] = found as [DType, readonly [DataType, keyof TensorProto]];
  const values = proto[field] as never[];
  const shape = proto.tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  if (dtype === "string") return tensor("string", shape, values);
  if (dtype === "bool") return tensor("bool", shape, Uint8Array.from(values, Number));
  const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array } as const;
  const array = arrays[dtype as keyof typeof arrays] as unknown as { from(values: never[]): never };
  return tensor(dtype, shape, array.from(values)) as Tensor;
}
