import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import type { TensorProto, TensorProtoSchema } from "../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../protos/gen/tensorflow/core/framework/types_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";

type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

const shaped = (sizes: readonly number[]) => ({ dim: sizes.map((size) => ({ size: BigInt(size) })) });
const encoder = new TextEncoder();

export const texts = (values: readonly string[]): TensorInit => ({
  dtype: DataType.DT_STRING,
  tensorShape: shaped([values.length]),
  stringVal: values.map((value) => encoder.encode(value)),
});

export const floats = (values: readonly number[], shape: readonly number[] = [values.length]): TensorInit => ({
  dtype: DataType.DT_FLOAT,
  tensorShape: shaped(shape),
  floatVal: [...values],
});

export const ints = (values: readonly number[], shape: readonly number[] = [values.length]): TensorInit => ({
  dtype: DataType.DT_INT32,
  tensorShape: shaped(shape),
  intVal: [...values],
});

/** A client of TensorFlow Serving's PredictionService, by the generated messages and grpc-js. */
export function predictionClient(address: string) {
  const client = new Client(address, credentials.createInsecure());
  return {
    predict: (model: string, inputs: Readonly<Record<string, TensorInit>>) =>
      new Promise<Readonly<Record<string, TensorProto>>>((resolve, reject) => {
        client.makeUnaryRequest(
          "/tensorflow.serving.PredictionService/Predict",
          (bytes: Uint8Array) => Buffer.from(bytes),
          (bytes: Buffer) => fromBinary(PredictResponseSchema, bytes),
          toBinary(PredictRequestSchema, create(PredictRequestSchema, { modelSpec: { name: model }, inputs })),
          (error, reply) => (reply ? resolve(reply.outputs) : reject(error)),
        );
      }),
    [Symbol.dispose]: () => client.close(),
  };
}
