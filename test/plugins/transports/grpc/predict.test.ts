import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  bytesOf,
  failedPrecondition,
  isServingError,
  type ServingError,
  strings,
  type Tensors,
  tensor,
} from "../../../../core/index.js";
import { TensorProtoSchema } from "../../../../protos/gen/tensorflow/core/framework/tensor_pb.js";
import { DataType } from "../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { PredictRequestSchema } from "../../../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { PredictionService } from "../../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { encodeTensorProto } from "../../../../protos/tensor/encode.js";
import { fakeFrontend } from "./fake-frontend.js";
import { failure, type Stage, start } from "./start.js";

const { predict } = PredictionService.method;
const PATH = "/tensorflow.serving.PredictionService/Predict";

const proto = (value: Tensors[string]) => fromBinary(TensorProtoSchema, encodeTensorProto(value));
const floats = (...values: number[]) => tensor("float32", [values.length], Float32Array.from(values));

let stage: Stage;
beforeAll(async () => {
  stage = await start();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(() => {
  expect(stage.frontend.open).toBe(0);
  const { predict } = fakeFrontend();
  stage.frontend.predict = predict;
  stage.frontend.specs.length = 0;
});

describe("Predict", () => {
  it("hands tensors to the frontend and its answer back, in the typed fields", async () => {
    stage.frontend.predict = async (signature, inputs, { outputs }) => {
      expect(signature).toBe("classify");
      expect(outputs).toEqual(["y", "s"]);
      expect(inputs.x).toMatchObject({ dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
      return { y: tensor("int64", [2], BigInt64Array.of(-1n, 2n ** 40n)), s: strings(["a", ""]) };
    };
    const response = await stage.unary(predict, {
      modelSpec: { name: "m", signatureName: "classify" },
      inputs: { x: proto(tensor("float32", [2, 2], Float32Array.of(1, 2, 3, 4))) },
      outputFilter: ["y", "s"],
    });
    expect(response.outputs.y).toMatchObject({ dtype: DataType.DT_INT64, int64Val: [-1n, 2n ** 40n] });
    expect(response.outputs.s?.stringVal.map((item) => Buffer.from(item).toString())).toEqual(["a", ""]);
    expect(response.modelSpec).toMatchObject({
      name: "m",
      signatureName: "classify",
      versionChoice: { case: "version", value: { value: 7n } },
    });
  });

  it("fills in the default signature and never echoes a label", async () => {
    const response = await stage.unary(predict, {
      modelSpec: { name: "m", versionChoice: { case: "versionLabel", value: "stable" } },
      inputs: {},
    });
    expect(stage.frontend.specs).toEqual([{ name: "m", label: "stable" }]);
    expect(response.modelSpec).toMatchObject({ signatureName: "serving_default", versionChoice: { case: "version" } });
  });

  it("takes an exact version, 0 too", async () => {
    for (const value of [0n, 3n, 2n ** 62n]) {
      await stage.unary(predict, { modelSpec: { name: "m", versionChoice: { case: "version", value: { value } } } });
    }
    expect(stage.frontend.specs.map(({ version }) => version)).toEqual([0n, 3n, 2n ** 62n]);
  });

  it("lets the last of version and label win, and joins a model_spec that comes in pieces", async () => {
    const piece = (modelSpec: object) =>
      toBinary(PredictRequestSchema, create(PredictRequestSchema, { modelSpec } as never));
    const version = piece({ versionChoice: { case: "version", value: { value: 3n } } });
    const label = piece({ name: "m", versionChoice: { case: "versionLabel", value: "l" } });
    await stage.raw(PATH, Buffer.concat([version, label]));
    await stage.raw(PATH, Buffer.concat([label, version]));
    expect(stage.frontend.specs).toEqual([
      { name: "m", label: "l" },
      { name: "m", version: 3n },
    ]);
  });

  it("treats __proto__ as the name of an input and of an output like any other", async () => {
    stage.frontend.predict = async (_signature, inputs) => {
      expect(Object.keys(inputs)).toEqual(["__proto__"]);
      return inputs;
    };
    const inputs = Object.fromEntries([["__proto__", proto(floats(1.5))]]);
    const response = await stage.unary(predict, { modelSpec: { name: "m" }, inputs });
    expect(Object.entries(response.outputs).map(([name, { floatVal }]) => [name, floatVal])).toEqual([
      ["__proto__", [1.5]],
    ]);
  });

  it("carries messages of tens of megabytes both ways", async () => {
    const data = new Float32Array(4_000_000).map((_, i) => i);
    stage.frontend.predict = async (_signature, { x }) => {
      expect(Buffer.compare(bytesOf(x?.data as Float32Array), bytesOf(data))).toBe(0);
      return { y: x! };
    };
    const response = await stage.unary(predict, {
      modelSpec: { name: "m" },
      inputs: { x: proto(tensor("float32", [data.length], data)) },
    });
    expect(response.outputs.y?.floatVal).toHaveLength(data.length);
    expect(response.outputs.y?.floatVal.at(-1)).toBe(data.at(-1));
  });

  it.each([
    ["no model_spec", {}, "Missing ModelSpec"],
    ["no name", { modelSpec: { signatureName: "s" } }, "ModelSpec has no name specified."],
  ])("refuses %s", async (_, request, details) => {
    expect(await failure(stage.unary(predict, request))).toMatchObject({ code: status.INVALID_ARGUMENT, details });
  });

  it("answers an unknown model with TensorFlow Serving's text", async () => {
    expect(await failure(stage.unary(predict, { modelSpec: { name: "nobody" } }))).toMatchObject({
      code: status.NOT_FOUND,
      details: "Servable not found for request: Latest(nobody)",
    });
  });

  it("names the tensor that it cannot decode, and says why", async () => {
    const x = create(TensorProtoSchema, {
      dtype: DataType.DT_FLOAT,
      tensorShape: { dim: [{ size: 3n }] },
      tensorContent: new Uint8Array(5),
    });
    const error = await failure(stage.unary(predict, { modelSpec: { name: "m" }, inputs: { x } }));
    expect(error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "tensor parsing error: x: a float32 tensor of shape [3] takes 12 bytes of tensor_content, got 5",
    });
  });

  it("passes on the frontend's code and text", async () => {
    stage.frontend.predict = async () => {
      throw failedPrecondition('Serving signature key "s" not found.');
    };
    expect(await failure(stage.unary(predict, { modelSpec: { name: "m" } }))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: 'Serving signature key "s" not found.',
    });
  });

  it("tells nothing of what broke inside", async () => {
    stage.frontend.predict = async () => {
      throw new TypeError("at /srv/secret.ts:12");
    };
    const error = await failure(stage.unary(predict, { modelSpec: { name: "m" } }));
    expect(error.code).toBe(status.INTERNAL);
    expect(error.details).not.toContain("secret");
  });

  it("cuts long error texts at 1024 bytes, and survives halves of surrogate pairs", async () => {
    stage.frontend.predict = async () => {
      throw failedPrecondition(`${"é".repeat(1000)}`);
    };
    const long = await failure(stage.unary(predict, { modelSpec: { name: "m" } }));
    expect(long.details).toBe(`${"é".repeat(512)}...TRUNCATED`);
    stage.frontend.predict = async () => {
      throw failedPrecondition("half \ud800 of a pair");
    };
    const half = await failure(stage.unary(predict, { modelSpec: { name: "m" } }));
    expect(half).toMatchObject({ code: status.FAILED_PRECONDITION, details: "half \ufffd of a pair" });
  });

  it("answers or refuses every beginning of a request, and goes on", async () => {
    const inputs = { x: proto(floats(1, 2, 3)), s: proto(strings(["abc"])) };
    const request = create(PredictRequestSchema, { modelSpec: { name: "m", signatureName: "sig" }, inputs });
    const bytes = toBinary(PredictRequestSchema, request);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      const outcome = await stage.raw(PATH, bytes.subarray(0, length)).catch((error) => error);
      if (Buffer.isBuffer(outcome)) continue;
      refused++;
      expect(outcome).toMatchObject({ code: status.INVALID_ARGUMENT });
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
    expect(await failure(stage.raw(PATH, bytes.subarray(0, -1)))).toMatchObject({
      details: expect.stringMatching(
        /^cannot decode tensorflow\.serving\.PredictRequest: malformed protobuf at byte \d+: \d+ bytes are announced, \d+ are left$/,
      ),
    });
    await expect(stage.raw(PATH, bytes)).resolves.toBeInstanceOf(Buffer);
  });

  it("leaves the methods that are not there to gRPC", async () => {
    const error = await failure(stage.raw("/tensorflow.serving.PredictionService/Nothing", new Uint8Array()));
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });
});

describe("the end of a call", () => {
  const untilAborted = () => {
    const seen = deferred<ServingError>();
    const started = deferred<number | undefined>();
    stage.frontend.predict = (_signature, _inputs, { signal, deadline }) =>
      new Promise((_, reject) => {
        started.resolve(deadline);
        signal.addEventListener("abort", () => {
          seen.resolve(signal.reason);
          reject(signal.reason);
        });
      });
    return { seen: seen.promise, started: started.promise };
  };

  it("turns the client's deadline into the run's", async () => {
    const { seen, started } = untilAborted();
    const request = stage.unary(predict, { modelSpec: { name: "m" } }, { deadline: Date.now() + 100 });
    expect((await failure(request)).code).toBe(status.DEADLINE_EXCEEDED);
    expect(await started).toEqual(expect.any(Number));
    const reason = await seen;
    // A client that gives up may be heard before the server's own clock has come to it.
    expect(["DEADLINE_EXCEEDED", "CANCELLED"]).toContain(isServingError(reason) && reason.code);
  });

  it("tells the run that the client is gone", async () => {
    const { seen, started } = untilAborted();
    const bytes = Buffer.from(
      toBinary(PredictRequestSchema, create(PredictRequestSchema, { modelSpec: { name: "m" } })),
    );
    const call = stage.client.makeUnaryRequest(
      PATH,
      (b: Buffer) => b,
      (b: Buffer) => b,
      bytes,
      () => {},
    );
    await started;
    call.cancel();
    const reason = await seen;
    expect(isServingError(reason) && reason.code).toBe("CANCELLED");
  });

  it("leaves the signal of a finished call alone", async () => {
    let signal: AbortSignal | undefined;
    stage.frontend.predict = async (_signature, inputs, options) => {
      signal = options.signal;
      return inputs;
    };
    await stage.unary(predict, { modelSpec: { name: "m" } });
    await stage.unary(predict, { modelSpec: { name: "m" } });
    expect(signal?.aborted).toBe(false);
  });
});

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe("options", () => {
  it("answers in tensor_content when told to", async () => {
    await using content = await start({ tensorContent: true });
    const response = await content.unary(predict, { modelSpec: { name: "m" }, inputs: { x: proto(floats(0.5)) } });
    expect(response.outputs.x?.floatVal).toEqual([]);
    expect([...response.outputs.x!.tensorContent]).toEqual([0, 0, 0, 0x3f]);
  });

  it("refuses a message beyond maxMessageSize and takes the next", async () => {
    await using small = await start({ maxMessageSize: "1KB" });
    const request = (count: number) => ({
      modelSpec: { name: "m" },
      inputs: { x: proto(floats(...new Array(count).fill(1))) },
    });
    expect((await failure(small.unary(predict, request(1000)))).code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await small.unary(predict, request(10))).outputs.x?.floatVal).toHaveLength(10);
  });
});
