import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { createServer, definePlugin, MetricsPageToken, provide, type Server, servable } from "salver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import availability from "../../../../plugins/policies/availability-preserving/index.js";
import filesystem from "../../../../plugins/sources/filesystem/index.js";
import grpc from "../../../../plugins/transports/grpc/index.js";
import {
  type ReloadConfigRequestSchema,
  ReloadConfigResponseSchema,
} from "../../../../protos/gen/tensorflow_serving/apis/model_management_pb.js";
import { ModelService } from "../../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { fakeServable } from "../../../support/core-fakes.js";

let folder: string;
let server: Server;
let client: Client;
let metrics: string;

/** Two platforms; a model named `broken` cannot be loaded. */
const platforms = definePlugin({
  name: "platforms",
  factories: ["savedmodel", "onnx"].map((type) =>
    servable({
      type,
      description: "For tests.",
      options: z.strictObject({}),
      example: {},
      create: () => (version) => ({
        estimate: async () => ({ memory: 0 }),
        load: async () => {
          if (version.model.startsWith("broken")) throw new Error("no graph in it");
          return fakeServable(version, []);
        },
      }),
    }),
  ),
  providers: [
    provide(MetricsPageToken, () => ({
      contentType: "text/plain",
      render: async () => metrics,
    })),
  ],
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "salver-reload-"));
  for (const name of ["m", "n", "broken"]) {
    await mkdir(join(folder, name, "1"), { recursive: true });
    await writeFile(join(folder, name, "1", "model"), "");
  }
  metrics = "";
  server = await createServer(
    {
      models: { m: { source: { type: "filesystem", path: join(folder, "m"), settle: "0s" }, servable: "savedmodel" } },
      transports: [{ type: "grpc", host: "127.0.0.1", port: 0 }],
      loading: { retries: 0, labels: "available" },
    },
    { plugins: [platforms, availability, filesystem, grpc] },
  );
  const [address] = await server.start();
  await server.settled;
  client = new Client(`127.0.0.1:${address?.port}`, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const model = (name: string, rest: object = {}) => ({
  name,
  basePath: join(folder, name),
  modelPlatform: "tensorflow",
  ...rest,
});

function reload(request: MessageInitShape<typeof ReloadConfigRequestSchema>) {
  const { handleReloadConfigRequest: method } = ModelService.method;
  const bytes = Buffer.from(toBinary(method.input, create(method.input, request)));
  return new Promise<ReturnType<typeof decode>>((resolve, reject) => {
    client.makeUnaryRequest(
      `/${ModelService.typeName}/${method.name}`,
      (message: Buffer) => message,
      decode,
      bytes,
      (error, response) => (error ? reject(error) : resolve(response!)),
    );
  });
}
const decode = (bytes: Buffer) => fromBinary(ReloadConfigResponseSchema, bytes);

const reloadTo = (models: readonly object[], metricNames: readonly string[] = []) =>
  reload({
    config: { config: { case: "modelConfigList", value: { config: models as never } } },
    metricNames: [...metricNames],
  });

const failure = (models: readonly object[]) =>
  reloadTo(models).then(
    () => Promise.reject(new Error("it was accepted")),
    ({ code, details }: ServiceError) => ({ code, details }),
  );

describe("HandleReloadConfigRequest", () => {
  test("replaces the list of models, and answers when the new ones are there", async () => {
    const response = await reloadTo([model("n", { versionLabels: {} })]);
    expect(response.status).toMatchObject({ errorCode: 0, errorMessage: "" });
    expect(response.metric).toEqual([]);
    expect(server.frontend.models()).toEqual(["n"]);
    expect(server.frontend.status({ name: "n" })[0]?.state).toBe("AVAILABLE");
    await reloadTo([model("n", { versionLabels: { stable: 1n } })]);
    using lease = server.frontend.lease({ name: "n", label: "stable" });
    expect(lease.version).toBe(1n);
  });

  test.each([
    ["nothing", {}],
    ["a config of neither kind", { config: {} }],
    ["a custom config", { config: { config: { case: "customModelConfig" as const, value: {} } } }],
  ])("%s is refused", async (_name, request) => {
    await expect(reload(request)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details:
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
    });
  });

  test.each<[string, () => readonly object[], number, () => string]>([
    [
      "a model twice",
      () => [model("n"), model("n")],
      status.INVALID_ARGUMENT,
      () => "Illegal to list model n multiple times in config list",
    ],
    [
      "a relative path",
      () => [model("n", { basePath: "models/n" })],
      status.INVALID_ARGUMENT,
      () => "Expected model n to have an absolute path or URI; got base_path()=models/n",
    ],
    [
      "a path where nothing is",
      () => [model("n", { basePath: join(folder, "none") })],
      status.INVALID_ARGUMENT,
      () => `config models.n.source.path: there is nothing at ${join(folder, "none")}`,
    ],
    [
      "another platform",
      () => [model("m", { modelPlatform: "onnx" })],
      status.INVALID_ARGUMENT,
      () =>
        "Illegal to change a model's platform. For model m platform was tensorflow and new platform requested is onnx",
    ],
    [
      "a platform that is not there",
      () => [model("m"), model("n", { modelPlatform: "caffe" })],
      status.INVALID_ARGUMENT,
      () => "Model n requests unsupported platform caffe",
    ],
    [
      "a log collector that is not there",
      () => [model("m"), model("n", { loggingConfig: { logCollectorConfig: { type: "kafka" } } })],
      status.NOT_FOUND,
      () => "Cannot find LogCollector::Factory for type: kafka",
    ],
    [
      "a label on a version that is not there",
      () => [model("m", { versionLabels: { stable: 2n } })],
      status.FAILED_PRECONDITION,
      () => "Request to assign label to version 2 of model m, which is not currently available for inference",
    ],
  ])("%s changes nothing", async (_name, models, code, details) => {
    expect(await failure(models())).toEqual({ code, details: details() });
    expect(server.frontend.models()).toEqual(["m"]);
    expect(server.frontend.status({ name: "m" })).toMatchObject([{ version: 1n, state: "AVAILABLE" }]);
  });

  test("a new model that cannot be loaded is the call's error, and stays configured", async () => {
    expect(await failure([model("m"), model("broken")])).toEqual({
      code: status.UNKNOWN,
      details:
        "1 model(s) did not become available: {{{name: broken version: 1} due to error: INTERNAL: no graph in it}, }",
    });
    expect(server.frontend.models()).toEqual(["m", "broken"]);
  });

  test("says by how much the named metrics have grown", async () => {
    const pages = [
      ':tensorflow:serving:request_count{model_name="a } 9",status="OK"} 3\n:tensorflow:serving:request_count{} 4\n',
      ':tensorflow:serving:request_count{model_name="a } 9",status="OK"} 5\n:tensorflow:serving:request_count{} 4\n:tensorflow:serving:request_count_total 100\n',
    ];
    const stop = server.events.subscribe(({ state }) => {
      if (state === "AVAILABLE") metrics = pages[1] ?? "";
    });
    metrics = pages[0] ?? "";
    const { metric } = await reloadTo([model("n")], ["/tensorflow/serving/request_count", "/none"]);
    stop();
    expect(metric.map(({ name, valueIncrease }) => [name, valueIncrease.value])).toEqual([
      ["/tensorflow/serving/request_count", 2n],
      ["/none", 0n],
    ]);
  });
});
