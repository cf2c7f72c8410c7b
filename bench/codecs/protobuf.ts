import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import protobufjs from "protobufjs";
import { DataType } from "../../protos/gen/tensorflow/core/framework/types_pb.js";
import { PredictRequestSchema, PredictResponseSchema } from "../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { decodeInputs } from "../../protos/serving/decode-inputs.js";
import { modelSpecField } from "../../protos/serving/model-spec-field.js";
import { readPredictRequest } from "../../protos/serving/predict-request.js";
import { tensorMap } from "../../protos/serving/tensor-map.js";
import { encodeMessage } from "../../protos/wire/writer.js";
import { predictRequest } from "../harness/wire.js";
import type { Case } from "./case.js";
import type { Race } from "./race.js";

/** protobufjs' own idea of a PredictRequest and of its response. */
type PlainTensor = { readonly floatVal: readonly number[]; readonly tensorContent: Uint8Array };
type PlainRequest = { readonly inputs: Readonly<Record<string, PlainTensor>> };

function loadTypes() {
  const root = new protobufjs.Root();
  const folder = fileURLToPath(new URL("../../protos/", import.meta.url));
  root.resolvePath = (_, target) => (target.startsWith(folder) ? target : `${folder}${target}`);
  root.loadSync("tensorflow_serving/apis/predict.proto");
  return {
    request: root.lookupType("tensorflow.serving.PredictRequest"),
    response: root.lookupType("tensorflow.serving.PredictResponse"),
  };
}

/** The values of either field. */
function floatsOf({ floatVal, tensorContent: bytes }: PlainTensor): Float32Array {
  if (bytes.length === 0) return Float32Array.from(floatVal);
  // A message lies anywhere in what was received; only a copy is aligned for sure.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Requests read and responses written, in both forms. */
export function protobufRaces({ size, tensor }: Case): readonly Race[] {
  const { request, response } = loadTypes();
  const { data, shape } = tensor;
  const modelSpec = { name: "model", signatureName: "serving_default" };
  const dims = shape.map((dim) => ({ size: dim }));
  return [false, true].flatMap((content): readonly Race[] => {
    const form = content ? "tensor_content" : "float_val";
    const bytes = Buffer.from(predictRequest("model", { x: tensor }, { content }));
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [
      {
        what: `PredictRequest read, ${form}`,
        size,
        expected: data,
        runners: [
          { name: "Salver", run: () => decodeInputs(readPredictRequest(bytes).inputs).x!.data as Float32Array },
          {
            name: "protobufjs",
            run: () => floatsOf((request.decode(bytes) as unknown as PlainRequest).inputs.x!),
          },
          { name: "protobuf-es", run: () => floatsOf(fromBinary(PredictRequestSchema, bytes).inputs.x!) },
        ],
      },
      {
        what: `PredictResponse written, ${form}`,
        size,
        runners: [
          {
            name: "Salver",
            run: () => {
              const outputs = tensorMap(1, { x: tensor }, { content });
              return encodeMessage([...outputs, modelSpecField(2, "model", 1n, "serving_default")]);
            },
          },
          {
            name: "protobufjs",
            run: () => {
              const values = content ? { tensorContent: raw } : { floatVal: data };
              const x = { dtype: DataType.DT_FLOAT, tensorShape: { dim: dims }, ...values };
              return response.encode({ outputs: { x }, modelSpec }).finish();
            },
          },
          {
            name: "protobuf-es",
            run: () => {
              const values = content ? { tensorContent: raw } : { floatVal: Array.from(data) };
              const tensorShape = { dim: dims.map((dim) => ({ size: BigInt(dim.size) })) };
              const x = { dtype: DataType.DT_FLOAT, tensorShape, ...values };
              return toBinary(PredictResponseSchema, create(PredictResponseSchema, { outputs: { x }, modelSpec }));
            },
          },
        ],
      },
    ];
  });
}
