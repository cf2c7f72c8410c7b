import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelService } from "../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { workFolder } from "../../e2e/support/config.js";
import { freePorts, type ModelServer, modelServer } from "../../e2e/support/model-server.js";
import { request } from "../../e2e/support/rest-client.js";
import { halfPlusTwo } from "./stock-server.js";
import { unaryClient } from "./unary.js";

const session = `
  saved_model_tags: "serve"
  enable_model_warmup: true
  model_warmup_options { num_request_iterations { value: 2 } num_model_warmup_threads { value: 2 } }
  batching_parameters { max_batch_size { value: 3 } thread_pool_name { value: "of_platform" } }
  enable_saved_model_config: true
  remove_unused_fields_from_bundle_metagraph: true`;
const adapter = "type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig";
const fourRequests = new URL("../../fixtures/warmup/tf_serving_warmup_requests", import.meta.url);
// session_overrides { batch_op_rewriter_config {} }
const savedModelConfig = Uint8Array.of(0x0a, 2, 0x12, 0);

let folder: Awaited<ReturnType<typeof workFolder>>;
let server: ModelServer;
let ports: readonly number[];

/** A version of half_plus_two, whole from its first moment, with these files in its assets.extra. */
async function addVersion(version: number, extras: Readonly<Record<string, string | Uint8Array>>) {
  const staged = join(folder.path, `staged${version}`);
  await cp(join(halfPlusTwo, "1"), staged, { recursive: true });
  await mkdir(join(staged, "assets.extra"));
  for (const [name, content] of Object.entries(extras)) await writeFile(join(staged, "assets.extra", name), content);
  await rename(staged, join(folder.path, "half", String(version)));
}

const rest = (path: string, body?: string) => request(`http://127.0.0.1:${ports[1]}${path}`, body);

beforeAll(async () => {
  folder = await workFolder();
  const { path } = folder;
  await mkdir(join(path, "half"));
  await addVersion(1, {
    mlmd_uuid: "pipeline-7\n",
    "saved_model_config.pb": savedModelConfig,
    tf_serving_warmup_requests: await readFile(fourRequests),
  });
  await writeFile(
    join(path, "platforms"),
    `platform_configs { key: "tensorflow" value { source_adapter_config { [${adapter}] { legacy_config { ${session} } } } } }`,
  );
  await writeFile(join(path, "batching"), 'max_batch_size { value: 100 } thread_pool_name { value: "of_flags" }');
  await writeFile(join(path, "monitoring"), "prometheus_config { enable: true }");
  ports = await freePorts(2);
  server = modelServer([
    `--port=${ports[0]}`,
    `--rest_api_port=${ports[1]}`,
    "--model_name=half",
    `--model_base_path=${path}/half`,
    "--max_num_load_retries=0",
    `--platform_config_file=${path}/platforms`,
    "--enable_batching",
    `--batching_parameters_file=${path}/batching`,
    `--monitoring_config_file=${path}/monitoring`,
  ]);
  await server.logged("Exporting HTTP/REST API at:");
});
afterAll(async () => {
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

test("its batching stands for that of the flags", async () => {
  expect(await rest("/v1/models/half:predict", '{"instances":[1,2,3]}')).toMatchObject({ status: 200 });
  expect(await rest("/v1/models/half:predict", '{"instances":[1,2,3,4]}')).toEqual({
    status: 400,
    body: { error: "Task size 4 is larger than maximum input batch size 3" },
  });
  const page = String((await rest("/monitoring/prometheus/metrics")).body);
  expect(page).toMatch(
    /^:tensorflow:serving:batching_session:queuing_latency_count\{thread_pool_name="of_platform"\} 1$/m,
  );
  expect(page).not.toContain("of_flags");
});

test("its warm-up replays each request as often as it says", async () => {
  const page = String((await rest("/monitoring/prometheus/metrics")).body);
  expect(page).toMatch(/^:tensorflow:serving:model_warmup_records_read\{.*status="OK"\} 8$/m);
});

test("a version's key in ML Metadata is in the metrics", async () => {
  const page = String((await rest("/monitoring/prometheus/metrics")).body);
  expect(page).toContain(
    '# TYPE :tensorflow:serving:mlmd_map gauge\n:tensorflow:serving:mlmd_map{model_name="half",version="1"} 0\n',
  );
  expect(page).toContain('salver_mlmd_info{model="half",version="1",uuid="pipeline-7"} 1\n');
});

test("fields about TensorFlow's own inside are logged as without effect, once, here and in saved_model_config.pb", () => {
  const counted = (text: string) => server.stderr().split(text).length - 1;
  expect(counted("without effect on this server: remove_unused_fields_from_bundle_metagraph")).toBe(1);
  expect(counted("saved_model_config.pb: without effect here: session_overrides.batch_op_rewriter_config")).toBe(1);
});

test("a model of a platform that it leaves out is refused", async () => {
  const client = unaryClient(`127.0.0.1:${ports[0]}`);
  const half = { name: "half", basePath: join(folder.path, "half"), modelPlatform: "tensorflow" };
  const value = { config: [half, { name: "other", basePath: "/m", modelPlatform: "onnx" }] };
  const reloaded = client.call(ModelService.method.handleReloadConfigRequest, {
    config: { config: { case: "modelConfigList", value } },
  } as never);
  await expect(reloaded).rejects.toBe("INVALID_ARGUMENT: Model other requests unsupported platform onnx");
  client.close();
  expect(await rest("/v1/models/half:predict", '{"instances":[2]}')).toMatchObject({ status: 200 });

  const { path } = folder;
  const models = `model_config_list { config { name: "o" base_path: "${path}/half" model_platform: "onnx" } }`;
  await writeFile(join(path, "models"), models);
  const [port] = await freePorts(1);
  const refused = modelServer([
    `--port=${port}`,
    `--model_config_file=${path}/models`,
    `--platform_config_file=${path}/platforms`,
  ]);
  expect(await refused.ended).toBe(255);
  expect(refused.stdout()).toBe(
    "Failed to start server. Error: INVALID_ARGUMENT: Model o requests unsupported platform onnx\n",
  );
  expect(refused.stderr()).not.toContain("LOADING");
});

test("a version with a broken saved_model_config.pb fails, and the one before it serves on", async () => {
  await addVersion(2, { "saved_model_config.pb": savedModelConfig.subarray(0, 3) });
  await server.logged("half 2 is END");
  const text = `Unable to parse SavedModelConfig: ${folder.path}/half/2/assets.extra/saved_model_config.pb`;
  expect((await rest("/v1/models/half")).body).toMatchObject({
    model_version_status: [
      { version: "2", state: "END", status: { error_code: "INTERNAL", error_message: text } },
      { version: "1", state: "AVAILABLE" },
    ],
  });
});
