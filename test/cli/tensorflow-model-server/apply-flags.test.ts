import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { applyFlags, bareConfig } from "../../../cli/tensorflow-model-server/apply-flags.js";
import { defaults, type GivenFlags } from "../../../cli/tensorflow-model-server/flags.js";
import { createRegistry } from "../../../core/config/registry.js";
import { resolveConfig } from "../../../core/config/resolve.js";
import type { Config } from "../../../core/index.js";
import { builtins } from "../../../plugins/index.js";

const models: Config["models"] = {
  m: { source: { type: "filesystem", path: "/m" }, servable: { type: "savedmodel" }, versions: { latest: 1 } },
};

/** What the server gets to see: the config, checked and with its defaults. */
function resolved(config: Config) {
  const resolution = resolveConfig(config, createRegistry(builtins));
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const transports = Object.fromEntries(resolution.config.transports.map((each) => [each.factory.type, each.options]));
  const [model] = resolution.config.models;
  return { ...resolution.config, ...transports, source: model?.source.options, servable: model?.servable?.options };
}
const whole = (flags: GivenFlags = {}) => resolved(applyFlags(bareConfig, { ...defaults, ...flags }, models));

test("TensorFlow Serving's defaults", () => {
  const config = whole();
  expect(config.loading).toMatchObject({
    concurrency: 4 * availableParallelism(),
    retries: 5,
    retryInterval: 60_000,
    labels: "available",
    retryOn: "any",
  });
  expect(config.transports.map((each) => each.factory.type)).toEqual(["grpc"]);
  expect(config).toMatchObject({
    grpc: { port: 8500, health: false, reflection: false, tensorContent: false, maxMessageSize: 2 ** 31 - 1 },
    source: { path: "/m", poll: 1000, wait: true },
    servable: { tags: ["serve"], libtensorflow: {} },
  });
});

test.each<[GivenFlags, object]>([
  [{ port: 9000 }, { grpc: { port: 9000 } }],
  [{ grpc_socket_path: "/s" }, { grpc: { port: 8500, socketPath: "/s" } }],
  [{ grpc_socket_path: "/s", port: 0 }, { grpc: { port: false, socketPath: "/s" } }],
  [{ grpc_channel_arguments: "a=1,b=x=y,c=-2" }, { grpc: { channelArguments: { a: 1, b: "x=y", c: -2 } } }],
  [{ enable_grpc_healthcheck_service: true }, { grpc: { health: true } }],
  [{ enable_serialization_as_tensor_content: true }, { grpc: { tensorContent: true } }],
  [
    { rest_api_port: 9001 },
    { grpc: { port: 8500 }, rest: { port: 9001, timeout: 30_000, cors: false, maxBodySize: 2 ** 31 - 1 } },
  ],
  [{ rest_api_port: 9001, rest_api_timeout_in_ms: 5 }, { rest: { timeout: 5 } }],
  [{ rest_api_port: 9001, rest_api_enable_cors_support: true }, { rest: { cors: true } }],
  [{ num_load_threads: 3 }, { loading: { concurrency: 3 } }],
  [{ max_num_load_retries: 0 }, { loading: { retries: 0 } }],
  [{ load_retry_interval_micros: 1500 }, { loading: { retryInterval: 1.5 } }],
  [{ load_retry_interval_micros: -1 }, { loading: { retryInterval: 0 } }],
  [{ allow_version_labels_for_unavailable_models: true }, { loading: { labels: "move-to-available" } }],
  [{ enable_signature_method_name_check: true }, { signatures: { checkMethods: true } }],
  [{}, { signatures: { checkMethods: false } }],
  [{ file_system_poll_wait_seconds: 0 }, { source: { poll: 0 } }],
  [{ file_system_poll_wait_seconds: 7 }, { source: { poll: 7000 } }],
  [{ saved_model_tags: "serve,gpu" }, { servable: { tags: ["serve", "gpu"] } }],
  [
    { tensorflow_session_parallelism: 3 },
    { servable: { libtensorflow: { intraOpThreads: 3, interOpThreads: 3 }, onnxruntime: { intraOpThreads: 3 } } },
  ],
  [
    { tensorflow_session_parallelism: 3, tensorflow_intra_op_parallelism: 2 },
    { servable: { libtensorflow: { intraOpThreads: 2, interOpThreads: 3 } } },
  ],
  [{ tensorflow_inter_op_parallelism: 2 }, { servable: { libtensorflow: { interOpThreads: 2 } } }],
  [{ per_process_gpu_memory_fraction: 0.25 }, { servable: { libtensorflow: { gpuMemoryFraction: 0.25 } } }],
])("%j", (flags, wanted) => {
  expect(whole(flags)).toMatchObject(wanted);
});

test("without a flag a config stays as it is, but for the shape of its components", () => {
  const config: Config = { models: { a: { path: "./a", servable: "onnx" } }, loading: { retries: 1 } };
  const plain = resolved(config);
  const same = resolved(applyFlags(config, {}, {}));
  expect(same.loading).toEqual(plain.loading);
  expect([same.source, same.servable]).toEqual([plain.source, plain.servable]);
  expect(same.transports.map((each) => [each.factory.type, each.options])).toEqual(
    plain.transports.map((each) => [each.factory.type, each.options]),
  );
});

test("beside a config, flags win one by one", () => {
  const config: Config = {
    models: { a: { path: "./a" }, m: { path: "./other" } },
    transports: ["rest", { type: "grpc", host: "127.0.0.1" }],
    loading: { retries: 1, concurrency: 2 },
  };
  const both = resolved(applyFlags(config, { port: 9000, rest_api_port: 0, max_num_load_retries: 3 }, models));
  expect(both).toMatchObject({ grpc: { port: 9000, host: "127.0.0.1" }, loading: { retries: 3, concurrency: 2 } });
  expect(both.transports).toHaveLength(1);
  expect(both.models.map(({ name, source }) => [name, (source.options as { path: string }).path])).toEqual([
    ["a", "./a"],
    ["m", "/m"],
  ]);
});

test("a port opens a transport that the config does not have", () => {
  const config = applyFlags({ models, transports: ["grpc"] }, { rest_api_port: 9001 }, {});
  expect(config.transports).toEqual([{ type: "grpc" }, { type: "rest", port: 9001 }]);
});

test("what flags put into models, they do not put in twice", () => {
  const flags = { ...defaults, tensorflow_session_parallelism: 2 };
  const once = applyFlags(bareConfig, flags, models).models;
  expect(applyFlags(bareConfig, flags, once).models).toEqual(once);
});

test("warm-up is left to the config's default, or is off", () => {
  const warmup = (enabled: boolean) =>
    applyFlags(bareConfig, { ...defaults, enable_model_warmup: enabled }, models).models.m?.warmup;
  expect([warmup(true), warmup(false)]).toEqual([undefined, false]);
  const repeated = { ...defaults, num_request_iterations_for_warmup: 3 };
  expect(applyFlags(bareConfig, repeated, models).models.m?.warmup).toEqual({ type: "tensorflow", iterations: 3 });
  expect(whole({ num_request_iterations_for_warmup: 3 }).models[0]?.warmups[0]?.options).toMatchObject({
    iterations: 3,
  });
});

test("a model of another servable type gets no options of SavedModels", () => {
  const onnx = { m: { source: { type: "filesystem", path: "/m" }, servable: "onnx" } };
  const flags = { ...defaults, tensorflow_session_parallelism: 2, saved_model_tags: "a" };
  expect(applyFlags(bareConfig, flags, onnx).models.m?.servable).toEqual({ type: "onnx" });
});

test("what the files of other flags say goes to the transports", () => {
  const files = { grpc: { tls: { key: "k", cert: "c" } }, rest: { metricsPath: "/metrics" } };
  const config = applyFlags(bareConfig, { ...defaults, rest_api_port: 1 }, models, files);
  expect(config.transports).toMatchObject([
    { type: "grpc", tls: { key: "k", cert: "c" } },
    { type: "rest", metricsPath: "/metrics" },
  ]);
  expect(whole({ rest_api_port: 1 })).toMatchObject({ rest: { metricsPath: false } });
});
