import { type EventEmitter, once } from "node:events";
import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type StatusObject, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { type Tensors, tensor } from "../../../../../core/index.js";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../../../protos/gen/grpc/health/v1/health_pb.js";
import {
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../../../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import { DataType } from "../../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { ModelService } from "../../../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { PredictionService } from "../../../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { SessionService } from "../../../../../protos/gen/tensorflow_serving/apis/session_service_pb.js";
import { engines } from "./engines.js";
import { type Channel, failure, pathOf, serve } from "./stage.js";

const modelSpec = { name: "m" };
const one = [{ features: { feature: { x: { kind: { case: "floatList" as const, value: { value: [1] } } } } } }];
const input = { kind: { case: "exampleList" as const, value: { examples: one } } };
const encode = <M extends DescMessage>(schema: M, init: Parameters<typeof create<M>>[1]) =>
  Buffer.from(toBinary(schema, create(schema, init)));

/** How a stream ends, which may be well. */
function statusOf(stream: EventEmitter): Promise<status> {
  stream.on("error", () => {});
  return new Promise((resolve) => stream.once("status", ({ code }: StatusObject) => resolve(code)));
}

function watch({ client }: Channel, service = "") {
  const stream = client.makeServerStreamRequest(
    pathOf(Health.method.watch),
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes).status,
    encode(HealthCheckRequestSchema, { service }),
  );
  return { stream, ended: statusOf(stream), next: async () => (await once(stream, "data"))[0] as ServingStatus };
}

const reflect = ({ client }: Channel, version: string) =>
  client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (bytes: Buffer) => bytes,
    (bytes: Buffer): ServerReflectionResponse => fromBinary(ServerReflectionResponseSchema, bytes),
  );

describe.each(engines)("%s: services", (engine) => {
  test("every method of TensorFlow Serving is there", async () => {
    const { channel, frontend } = await serve(engine);
    const { unary } = channel();
    const inputs = { inputs: { dtype: "string", shape: [-1] } } as const;
    const column = { dtype: "float32", shape: [-1] } as const;
    const table = { dtype: "float32", shape: [-1, -1] } as const;
    frontend.signatures = {
      serving_default: { inputs, outputs: { outputs: column }, method: "tensorflow/serving/regress" },
      scores: { inputs, outputs: { scores: table }, method: "tensorflow/serving/classify" },
    };
    frontend.statuses = [{ version: 7n, state: "AVAILABLE", code: "OK", message: "" }];
    const three = Float32Array.of(3);
    frontend.predict = async (signature): Promise<Tensors> =>
      signature === "scores"
        ? { scores: tensor("float32", [1, 1], three) }
        : { outputs: tensor("float32", [1], three) };
    const predicted = await unary(PredictionService.method.predict, {
      modelSpec,
      inputs: { x: { dtype: DataType.DT_FLOAT, tensorShape: { dim: [{ size: 1n }] }, floatVal: [1] } },
    });
    expect(predicted.outputs.outputs?.floatVal).toEqual([3]);
    const regressed = await unary(PredictionService.method.regress, { modelSpec, input });
    expect(regressed.result?.regressions[0]?.value).toBe(3);
    const scores = { name: "m", signatureName: "scores" };
    const classified = await unary(PredictionService.method.classify, { modelSpec: scores, input });
    expect(classified.result?.classifications[0]?.classes[0]?.score).toBe(3);
    const many = await unary(PredictionService.method.multiInference, {
      tasks: [{ modelSpec, methodName: "tensorflow/serving/regress" }],
      input,
    });
    expect(many.results).toHaveLength(1);
    const metadata = await unary(PredictionService.method.getModelMetadata, {
      modelSpec,
      metadataField: ["signature_def"],
    });
    expect(metadata.modelSpec?.name).toBe("m");
    const found = await unary(ModelService.method.getModelStatus, { modelSpec });
    expect(found.modelVersionStatus[0]?.version).toBe(7n);
    const config = { config: { case: "modelConfigList" as const, value: { config: [] } } };
    const reloaded = await unary(ModelService.method.handleReloadConfigRequest, { config });
    expect(reloaded.status?.errorCode).toBe(0);
    expect((await failure(unary(SessionService.method.sessionRun, { modelSpec }))).code).toBe(status.UNIMPLEMENTED);
    expect(frontend.open).toBe(0);
  });

  test("health: Check, and Watch until the client leaves or the server drains", async () => {
    const { channel, frontend, transport } = await serve(engine);
    const own = channel();
    expect((await own.unary(Health.method.check, {})).status).toBe(ServingStatus.SERVING);
    expect((await failure(own.unary(Health.method.check, { service: "x" }))).code).toBe(status.NOT_FOUND);
    const leaving = watch(own);
    expect(await leaving.next()).toBe(ServingStatus.SERVING);
    leaving.stream.cancel();
    expect(await leaving.ended).toBe(status.CANCELLED);
    const staying = watch(own);
    const other = watch(channel(), "x");
    expect([await staying.next(), await other.next()]).toEqual([ServingStatus.SERVING, ServingStatus.SERVICE_UNKNOWN]);
    frontend.ready = false;
    expect(await staying.next()).toBe(ServingStatus.NOT_SERVING);
    frontend.ready = true;
    expect(await staying.next()).toBe(ServingStatus.SERVING);
    const last = staying.next();
    await transport.drain(new AbortController().signal);
    expect(await last).toBe(ServingStatus.NOT_SERVING);
    expect([await staying.ended, await other.ended]).toEqual([status.UNAVAILABLE, status.UNAVAILABLE]);
  });

  test("a watch ends with its deadline", async () => {
    const { channel } = await serve(engine);
    const { client } = channel();
    const stream = client.makeServerStreamRequest(
      pathOf(Health.method.watch),
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.alloc(0),
      { deadline: Date.now() + 100 },
    );
    expect(await statusOf(stream.resume())).toBe(status.DEADLINE_EXCEEDED);
  });

  test.each(["v1", "v1alpha"])("reflection %s: as many questions on a stream as one likes", async (version) => {
    const { channel } = await serve(engine);
    const stream = reflect(channel(), version);
    const ask = (messageRequest: Parameters<typeof create<typeof ServerReflectionRequestSchema>>[1]) => {
      stream.write(encode(ServerReflectionRequestSchema, messageRequest));
      return once(stream, "data").then(([answer]) => (answer as ServerReflectionResponse).messageResponse);
    };
    const list = await ask({ messageRequest: { case: "listServices", value: "" } });
    expect(list.case === "listServicesResponse" && list.value.service.map(({ name }) => name)).toContain(
      "tensorflow.serving.PredictionService",
    );
    const symbol = "tensorflow.serving.PredictRequest";
    const found = await ask({ messageRequest: { case: "fileContainingSymbol", value: symbol } });
    expect(found.case).toBe("fileDescriptorResponse");
    const missing = await ask({ messageRequest: { case: "fileByFilename", value: "no.proto" } });
    expect(missing.case).toBe("errorResponse");
    stream.end();
    expect(await statusOf(stream)).toBe(status.OK);
  });

  test("reflection: questions at once are answered in their order, what is no question with an error", async () => {
    const { channel } = await serve(engine);
    const own = channel();
    const stream = reflect(own, "v1");
    const names = Array.from({ length: 50 }, (_, i) => `no/file${i}.proto`);
    const answers: string[] = [];
    stream.on("data", ({ originalRequest }: ServerReflectionResponse) => {
      answers.push(originalRequest?.messageRequest.value as string);
    });
    for (const value of names)
      stream.write(encode(ServerReflectionRequestSchema, { messageRequest: { case: "fileByFilename", value } }));
    stream.end();
    expect(await statusOf(stream)).toBe(status.OK);
    expect(answers).toEqual(names);
    const wrong = reflect(own, "v1");
    wrong.write(Buffer.of(0x0a, 0x7f));
    expect(await statusOf(wrong.resume())).toBe(status.INVALID_ARGUMENT);
  });

  test("neither is there when turned off", async () => {
    const { channel } = await serve(engine, { health: false, reflection: false });
    const { bytes } = channel();
    for (const path of [pathOf(Health.method.check), "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]) {
      expect((await failure(bytes(path, Buffer.alloc(0)))).code).toBe(status.UNIMPLEMENTED);
    }
  });
});
