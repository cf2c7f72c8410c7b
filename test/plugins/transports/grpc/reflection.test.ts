import { once } from "node:events";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import { failure, type Stage, start } from "./start.js";

async function ask(stage: Stage, messageRequest: ServerReflectionRequest["messageRequest"], version = "v1") {
  const stream = stage.client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (bytes: Buffer) => bytes,
    (bytes: Buffer): ServerReflectionResponse => fromBinary(ServerReflectionResponseSchema, bytes),
  );
  const request = create(ServerReflectionRequestSchema, { host: "h", messageRequest });
  stream.write(Buffer.from(toBinary(ServerReflectionRequestSchema, request)));
  const [response] = (await once(stream, "data")) as [ServerReflectionResponse];
  stream.end();
  await once(stream.resume(), "end");
  expect(response.validHost).toBe("h");
  return response.messageResponse;
}

describe("reflection", () => {
  it.each(["v1", "v1alpha"])("lists the services, %s", async (version) => {
    await using stage = await start();
    const answer = await ask(stage, { case: "listServices", value: "*" }, version);
    expect(answer.case === "listServicesResponse" && answer.value.service.map(({ name }) => name)).toEqual([
      "tensorflow.serving.PredictionService",
      "tensorflow.serving.ModelService",
      "tensorflow.serving.SessionService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });

  it("lets a client that knows nothing build the messages of every service listed", async () => {
    await using stage = await start();
    const list = await ask(stage, { case: "listServices", value: "" });
    if (list.case !== "listServicesResponse") throw new Error(list.case);
    for (const { name } of list.value.service) {
      const answer = await ask(stage, { case: "fileContainingSymbol", value: name });
      if (answer.case !== "fileDescriptorResponse") throw new Error(answer.case);
      const file = answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
      // Dependencies before those that need them, as a registry wants them.
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
      expect(registry.getService(name)?.typeName).toBe(name);
    }
  });

  it.each([
    "tensorflow.serving.PredictionService.Predict",
    "tensorflow.serving.PredictRequest",
    "tensorflow.serving.PredictRequest.model_spec",
    "tensorflow.serving.ModelSpec.version_choice",
    "tensorflow.serving.ModelVersionStatus.State",
    "google.protobuf.Int64Value",
  ])("finds the file of %s", async (value) => {
    await using stage = await start();
    expect((await ask(stage, { case: "fileContainingSymbol", value })).case).toBe("fileDescriptorResponse");
  });

  it("finds files by name and knows what it does not have", async () => {
    await using stage = await start();
    const path = "tensorflow_serving/apis/predict.proto";
    const found = await ask(stage, { case: "fileByFilename", value: path });
    expect(
      found.case === "fileDescriptorResponse" &&
        fromBinary(FileDescriptorProtoSchema, found.value.fileDescriptorProto[0]!).name,
    ).toBe(path);
    for (const [kind, value] of [
      ["fileByFilename", "no.proto"],
      ["fileContainingSymbol", "no.Symbol"],
      ["allExtensionNumbersOfType", "no.Type"],
    ] as const) {
      expect(await ask(stage, { case: kind, value })).toMatchObject({ value: { errorCode: status.NOT_FOUND } });
    }
  });

  it("does not hold a drain up while a client keeps its stream open", async () => {
    await using stage = await start();
    const stream = stage.client.makeBidiStreamRequest(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    stream.on("error", () => {});
    stream.write(Buffer.alloc(0));
    await once(stream, "data");
    await Promise.all([once(stream.resume(), "end"), stage.transport.drain(new AbortController().signal)]);
  });

  it("is not there when turned off", async () => {
    await using stage = await start({ reflection: false });
    const error = await failure(
      stage.raw("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", new Uint8Array()),
    );
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });
});
