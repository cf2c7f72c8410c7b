import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelService } from "../../../protos/gen/tensorflow_serving/apis/model_service_pb.js";
import { freePorts, modelServer } from "../../e2e/support/model-server.js";
import { request } from "../../e2e/support/rest-client.js";
import { halfPlusTwo, type StockServer, stockServer } from "./stock-server.js";
import { unaryClient } from "./unary.js";

const page = "/monitoring/of/mine";

let stock: StockServer;
beforeAll(async () => {
  stock = await stockServer(
    (folder) => `config { name: "logged" base_path: "${halfPlusTwo}" model_platform: "tensorflow"
      logging_config { log_collector_config { filename_prefix: "${folder}/log/requests" }
        sampling_config { sampling_rate: 1 } } }`,
    (folder) => [`--monitoring_config_file=${folder}/monitoring`, "--max_num_load_retries=0"],
    (folder) => writeFile(join(folder, "monitoring"), `prometheus_config { enable: true path: "${page}" }`),
  );
});
afterAll(() => stock?.[Symbol.asyncDispose]());

const predict = (model: string) => request(`${stock.rest}/v1/models/${model}:predict`, '{"instances":[2]}');

test("the page of metrics lies where the file says, in TensorFlow Serving's names", async () => {
  await predict("half");
  const reply = await fetch(stock.rest + page);
  expect([reply.status, reply.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
  const text = await reply.text();
  expect(text).toContain("# TYPE :tensorflow:serving:request_count counter\n");
  expect(text).toMatch(/^:tensorflow:serving:request_count\{model_name="half",\s?status="OK"\} \d+$/m);
  expect(text).toMatch(/^:tensorflow:serving:request_latency_bucket\{.*le="32.4"\} \d+$/m);
  const queried = await request(`${stock.rest}${page}?x=1`);
  expect(queried).toMatchObject({ status: 400, body: `Unexpected path: ${page}?x=1. Should be ${page}` });
  expect((await request(`${stock.rest}/monitoring/prometheus/metrics`)).status).toBe(404);
});

test("a version whose warm-up fails ends with the reason, and a reload with it says so", async () => {
  const base = join(stock.path, "cold");
  await cp(join(halfPlusTwo, "1"), join(base, "1"), { recursive: true });
  await mkdir(join(base, "1/assets.extra"), { recursive: true });
  await writeFile(join(base, "1/assets.extra/tf_serving_warmup_requests"), "no record of this kind at all");
  const config = [
    { name: "half", basePath: halfPlusTwo, modelPlatform: "tensorflow" },
    { name: "cold", basePath: base, modelPlatform: "tensorflow" },
    {
      name: "logged",
      basePath: halfPlusTwo,
      modelPlatform: "tensorflow",
      loggingConfig: {
        logCollectorConfig: { filenamePrefix: join(stock.path, "log/requests") },
        samplingConfig: { samplingRate: 1 },
      },
    },
  ];
  const client = unaryClient(stock.grpc);
  const reloaded = client.call(ModelService.method.handleReloadConfigRequest, {
    config: { config: { case: "modelConfigList", value: { config } } },
  } as never);
  await expect(reloaded).rejects.toMatch(
    /^UNKNOWN: 1 model\(s\) did not become available: \{\{\{name: cold version: 1\} due to error: .*Please verify your warmup data is in TFRecord format\./,
  );
  client.close();
  const { body } = await request(`${stock.rest}/v1/models/cold`);
  expect(body).toMatchObject({
    model_version_status: [
      { version: "1", state: "END", status: { error_code: "DATA_LOSS", error_message: expect.any(String) } },
    ],
  });
  expect(await predict("half")).toMatchObject({ status: 200 });
});

test("a platform config that says nothing of warm-ups turns them off", async () => {
  const platforms = join(stock.path, "platforms");
  const adapter = "type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig";
  const config = `[${adapter}] { legacy_config { saved_model_tags: "serve" } }`;
  await writeFile(platforms, `platform_configs { key: "tensorflow" value { source_adapter_config { ${config} } } }`);
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = modelServer([
    `--port=${port}`,
    `--rest_api_port=${rest}`,
    `--model_base_path=${join(stock.path, "cold")}`,
    "--max_num_load_retries=0",
    `--platform_config_file=${platforms}`,
  ]);
  await server.logged("Exporting HTTP/REST API at:");
  const reply = await request(`http://127.0.0.1:${rest}/v1/models/default:predict`, '{"instances":[2]}');
  await server.stop();
  expect(reply).toEqual({ status: 200, body: { predictions: [3] } });
});

test("what was logged warms up a version of the next server", async () => {
  expect(await predict("logged")).toMatchObject({ status: 200 });
  await stock.server.stop();
  const [log = ""] = await readdir(join(stock.path, "log"));
  const base = join(stock.path, "warm");
  await cp(join(halfPlusTwo, "1"), join(base, "1"), { recursive: true });
  await mkdir(join(base, "1/assets.extra"), { recursive: true });
  await cp(join(stock.path, "log", log), join(base, "1/assets.extra/tf_serving_warmup_requests"));

  const [port, rest] = (await freePorts(2)) as [number, number];
  const monitoring = `--monitoring_config_file=${stock.path}/monitoring`;
  const next = modelServer([`--port=${port}`, `--rest_api_port=${rest}`, `--model_base_path=${base}`, monitoring]);
  await next.logged("Exporting HTTP/REST API at:");
  const metrics = String((await request(`http://127.0.0.1:${rest}${page}`)).body);
  await next.stop();
  expect(metrics).toMatch(/^:tensorflow:serving:model_warmup_records_read\{.*status="OK"\} 1$/m);
  // As in TensorFlow Serving its runs are runs like others, and no requests.
  expect(metrics).toContain("\n:tensorflow:core:graph_runs{} 1\n");
  expect(metrics).toMatch(/^:tensorflow:serving:runtime_latency_count\{model_name="default",.*"Predict".*\} 1$/m);
  expect(metrics).not.toMatch(/^:tensorflow:serving:request_count\{/m);
});
