import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DataType } from "../../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import {
  PredictRequestSchema,
  PredictResponseSchema,
} from "../../../../../protos/gen/tensorflow_serving/apis/predict_pb.js";

/** A serialized PredictRequest for the model `m`, which echoes `payload` as a string tensor of one value. */
export const predictRequest = (payload: Uint8Array = Buffer.from("hello"), signatureName = ""): Uint8Array =>
  toBinary(
    PredictRequestSchema,
    create(PredictRequestSchema, {
      modelSpec: { name: "m", signatureName },
      inputs: { x: { dtype: DataType.DT_STRING, tensorShape: { dim: [{ size: 1n }] }, stringVal: [payload] } },
    }),
  );

/** The payload that came back. */
export const predictedPayload = (response: Uint8Array): Buffer =>
  Buffer.from(fromBinary(PredictResponseSchema, response).outputs.x?.stringVal[0] ?? []);
