import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LazyCaller, RequestMemory, record, type Tensor } from "../../../../core/index.js";
import { predict } from "../../../../plugins/transports/grpc/predict.js";
import { TensorProtoSchema } from "../../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import {
  PredictRequestSchema,
  PredictResponseSchema,
} from "../../../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { readPredictRequest } from "../../../../protos/serving/predict-request.js";
import { encodeTensorProto } from "../../../../protos/tensor/encode.js";
import { anyTensor } from "../../../protos/tensor/arbitrary.js";
import { fakeFrontend } from "./fake-frontend.js";

const name = fc.string({ unit: "grapheme", maxLength: 12 });
const tensors = fc.uniqueArray(fc.tuple(name, anyTensor), { selector: ([key]) => key, maxLength: 4 });
const proto = (tensor: Tensor) => fromBinary(TensorProtoSchema, encodeTensorProto(tensor));
const protos = (entries: readonly (readonly [string, Tensor])[]) =>
  Object.fromEntries(entries.map(([key, tensor]) => [key, proto(tensor)]));

describe("the bytes of Predict", () => {
  it("reads a request as the generated code wrote it", () => {
    fc.assert(
      fc.property(tensors, name, name, fc.array(name), (entries, model, signatureName, outputFilter) => {
        const message = create(PredictRequestSchema, {
          modelSpec: { name: model, signatureName },
          inputs: protos(entries),
          outputFilter,
          clientId: new Uint8Array([1]),
          predictStreamedOptions: { splitDimensions: { a: 1 } },
        });
        const request = readPredictRequest(toBinary(PredictRequestSchema, message));
        expect(request.spec).toMatchObject({ name: model, signatureName });
        expect(request.outputs).toEqual(outputFilter);
        expect(new Set(request.inputs.keys())).toEqual(new Set(entries.map(([key]) => key)));
        for (const [key, tensor] of entries) {
          expect(Buffer.compare(request.inputs.get(key)!, encodeTensorProto(tensor))).toBe(0);
        }
      }),
    );
  });

  it("writes a response as the generated code does", async () => {
    await fc.assert(
      fc.asyncProperty(tensors, name, async (entries, signature) => {
        const frontend = fakeFrontend();
        frontend.predict = async () => record(entries);
        const request = create(PredictRequestSchema, { modelSpec: { name: "m", signatureName: signature } });
        const handle = predict(frontend, {});
        const message = Buffer.from(toBinary(PredictRequestSchema, request));
        const bytes = await handle(message, new LazyCaller(), undefined, new RequestMemory());
        const expected = create(PredictResponseSchema, {
          outputs: protos(entries),
          modelSpec: {
            name: "m",
            signatureName: signature || "serving_default",
            versionChoice: { case: "version", value: { value: 7n } },
          },
        });
        expect(bytes.equals(toBinary(PredictResponseSchema, expected))).toBe(true);
      }),
    );
  });
});
