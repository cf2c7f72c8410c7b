import { anyIs, anyUnpack } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { tensor } from "../../../../core/index.js";
import { DataType } from "../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { Code } from "../../../../protos/gen/tensorflow/core/protobuf/error_codes_pb.js";
import { SignatureDefMapSchema } from "../../../../protos/gen/tensorflow_serving/apis/get_model_metadata_pb.js";
import { ModelVersionStatus_State as State } from "../../../../protos/gen/tensorflow_serving/apis/get_model_status_pb.js";
import { ModelService } from "../../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictionService } from "../../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { failure, start } from "./start.js";

const { getModelMetadata } = PredictionService.method;
const { getModelStatus } = ModelService.method;

describe("GetModelMetadata", () => {
  it("packs the signatures", async () => {
    await using stage = await start();
    stage.frontend.signatures = {
      serving_default: {
        inputs: {
          x: { dtype: "float32", shape: [-1, 28], dimNames: ["batch", ""], name: "serving_default_x:0" },
          any: { dtype: "string", shape: null },
        },
        outputs: { y: { dtype: "float16", shape: [] } },
        defaults: { x: tensor("float32", [1, 2], Float32Array.of(1, 2)) },
      },
      up: { inputs: {}, outputs: {}, method: "tensorflow/serving/classify" },
    };
    const response = await stage.unary(getModelMetadata, {
      modelSpec: { name: "m", signatureName: "ignored" },
      metadataField: ["signature_def"],
    });
    expect(response.modelSpec).toMatchObject({
      name: "m",
      signatureName: "",
      versionChoice: { case: "version", value: { value: 7n } },
    });
    const any = response.metadata.signature_def!;
    expect(any.typeUrl).toBe("type.googleapis.com/tensorflow.serving.SignatureDefMap");
    expect(anyIs(any, SignatureDefMapSchema)).toBe(true);
    const { serving_default: main, up } = anyUnpack(any, SignatureDefMapSchema)!.signatureDef;
    expect(main?.methodName).toBe("tensorflow/serving/predict");
    expect(up?.methodName).toBe("tensorflow/serving/classify");
    expect(main?.inputs.x).toMatchObject({
      encoding: { case: "name", value: "serving_default_x:0" },
      dtype: DataType.DT_FLOAT,
      tensorShape: {
        unknownRank: false,
        dim: [
          { size: -1n, name: "batch" },
          { size: 28n, name: "" },
        ],
      },
    });
    expect(main?.inputs.any).toMatchObject({ dtype: DataType.DT_STRING, tensorShape: { unknownRank: true, dim: [] } });
    expect(main?.outputs.y).toMatchObject({ dtype: DataType.DT_HALF, tensorShape: { unknownRank: false, dim: [] } });
    expect(main?.defaults.x?.floatVal).toEqual([1, 2]);
    expect(stage.frontend.open).toBe(0);
  });

  it.each([
    ["no model_spec", { metadataField: ["signature_def"] }, "Missing ModelSpec"],
    ["no field", { modelSpec: { name: "m" } }, "GetModelMetadataRequest must specify at least one metadata_field"],
    [
      "another field",
      { modelSpec: { name: "m" }, metadataField: ["signature_def", "graph"] },
      "Metadata field graph is not supported",
    ],
  ])("refuses %s", async (_, request, details) => {
    await using stage = await start();
    expect(await failure(stage.unary(getModelMetadata, request))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details,
    });
  });

  it("refuses what is no request and names the message", async () => {
    await using stage = await start();
    const error = await failure(
      stage.raw("/tensorflow.serving.PredictionService/GetModelMetadata", new Uint8Array([0x0a, 0x7f])),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toMatch(/^cannot decode tensorflow\.serving\.GetModelMetadataRequest: /);
  });
});

describe("GetModelStatus", () => {
  it("lists the versions as the frontend has them", async () => {
    await using stage = await start();
    stage.frontend.statuses = [
      { version: 9n, state: "LOADING", code: "OK", message: "" },
      { version: 2n, state: "END", code: "DATA_LOSS", message: "truncated" },
    ];
    const response = await stage.unary(getModelStatus, { modelSpec: { name: "m" } });
    expect(response.modelVersionStatus).toMatchObject([
      { version: 9n, state: State.LOADING, status: { errorCode: Code.OK, errorMessage: "" } },
      { version: 2n, state: State.END, status: { errorCode: Code.DATA_LOSS, errorMessage: "truncated" } },
    ]);
  });

  it("asks for one version, and leaves a label aside", async () => {
    await using stage = await start();
    await stage.unary(getModelStatus, {
      modelSpec: { name: "m", versionChoice: { case: "version", value: { value: 4n } } },
    });
    await stage.unary(getModelStatus, {
      modelSpec: { name: "m", versionChoice: { case: "versionLabel", value: "l" } },
    });
    expect(stage.frontend.specs).toEqual([{ name: "m", version: 4n }, { name: "m" }]);
  });

  it("refuses a request without a model and passes on NOT_FOUND", async () => {
    await using stage = await start();
    expect(await failure(stage.unary(getModelStatus, {}))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "Missing ModelSpec",
    });
    expect(await failure(stage.unary(getModelStatus, { modelSpec: { name: "x" } }))).toMatchObject({
      code: status.NOT_FOUND,
      details: "Could not find any versions of model x",
    });
  });
});
