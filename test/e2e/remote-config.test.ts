import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { keys, startServer, type TestBucket, type TestServer } from "../plugins/sources/s3/server.js";
import { answered, type Fault, type FaultProxy, faultProxy, pass } from "../support/fault-proxy/index.js";
import { quickstart } from "./support/config.js";
import { freePorts, modelServer } from "./support/model-server.js";
import { httpPlace } from "./support/remote-place.js";
import { request } from "./support/rest-client.js";
import { salver, serve } from "./support/salver.js";

const half = join(quickstart, "models/half_plus_two");
const transports = "transports: [{ type: grpc, port: 0, host: 127.0.0.1 }, { type: rest, port: 0, host: 127.0.0.1 }]\n";
const config = (...models: string[]) =>
  `${transports}models:\n${models.map((name) => `  ${name}: { path: ${half} }\n`).join("")}`;
const conf = (...models: string[]) =>
  `model_config_list { ${models.map((name) => `config { name: "${name}" base_path: "${half}" model_platform: "tensorflow" }`).join(" ")} }`;

vi.setConfig({ testTimeout: 60_000 });

let server: TestServer;
let proxy: FaultProxy;
let bucket: TestBucket;
let env: NodeJS.ProcessEnv;
let onCleanUp = async () => {};

beforeAll(async () => {
  // Servers keep the last config of each place in the user's cache, which is nobody's here.
  const home = await mkdtemp(join(tmpdir(), "salver-"));
  onCleanUp = () => rm(home, { recursive: true, force: true });
  process.env.XDG_CACHE_HOME = home;
  server = await startServer();
  proxy = await faultProxy(server.url);
  env = {
    AWS_ENDPOINT_URL_S3: proxy.url,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await onCleanUp();
});
beforeEach(() => {
  bucket = server.bucket();
  proxy.clear();
});

const statusAt = async (rest: string, model: string) => (await request(`${rest}/v1/models/${model}`)).status;

test("salver serve: a config in S3 is read again, and the old one holds while it cannot be read", async () => {
  await bucket.put("conf/salver.yaml", config("a"));
  const url = `s3://${bucket.name}/conf/salver.yaml`;
  const serving = await serve(url, ["--watch-config", "100ms"], env);
  const reaches = (model: string, status: number) =>
    expect.poll(() => statusAt(serving.rest, model), { timeout: 20_000 }).toBe(status);
  await reaches("a", 200);
  await bucket.put("conf/salver.yaml", config("a", "b"));
  await reaches("b", 200);

  proxy.plan(answered(403), { times: Number.POSITIVE_INFINITY });
  await expect.poll(serving.logged, { timeout: 20_000 }).toContain(`${url}: cannot read the config`);
  await bucket.put("conf/salver.yaml", "models: [not this]");
  proxy.clear();
  await expect.poll(serving.logged, { timeout: 20_000 }).toMatch(/salver.yaml:1:\d+ models: expected/);
  expect([await statusAt(serving.rest, "a"), await statusAt(serving.rest, "b")]).toEqual([200, 200]);

  await bucket.put("conf/salver.yaml", config("b"));
  const predict = async () => (await request(`${serving.rest}/v1/models/a:predict`, '{"instances": [1.0]}')).status;
  await expect.poll(predict, { timeout: 20_000 }).toBe(404);
  expect((await serving.stop()).code).toBe(0);
});

test("salver serve: a config behind HTTP is asked for by ETag", async () => {
  await using place = await httpPlace();
  place.put("salver.yaml", Buffer.from(config("a")));
  const serving = await serve(`${place.proxy.url}/salver.yaml`, ["--watch-config", "100ms"]);
  const answers: (number | undefined)[] = [];
  const noting: Fault = async (exchange) => {
    const forward = async () => {
      const answer = await exchange.forward();
      answers.push(answer.statusCode);
      return answer;
    };
    await pass({ ...exchange, forward });
  };
  place.proxy.plan(noting, { times: Number.POSITIVE_INFINITY });
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(new Set(answers)).toEqual(new Set([304]));
  place.put("salver.yaml", Buffer.from(config("a", "b")));
  await expect.poll(() => statusAt(serving.rest, "b"), { timeout: 20_000 }).toBe(200);
  expect(answers.filter((status) => status === 200)).toHaveLength(1);
  expect((await serving.stop()).code).toBe(0);
});

test("salver serve: while the place of its config is away, a start takes the one that was in use last", async () => {
  await using place = await httpPlace();
  const cache = await mkdtemp(join(tmpdir(), "salver-"));
  onTestFinished(() => rm(cache, { recursive: true }));
  place.put("salver.yaml", Buffer.from(config("a")));
  const url = `${place.proxy.url}/salver.yaml`;
  const own = { XDG_CACHE_HOME: cache };
  place.proxy.plan(answered(503), { times: Number.POSITIVE_INFINITY });
  const first = await salver(["serve", url], { env: own });
  expect(first.stderr).toContain(`${url}: cannot read the config`);
  expect(first.code).toBe(1);
  place.proxy.clear();
  await (await serve(url, [], own)).stop();
  place.proxy.plan(answered(503), { times: Number.POSITIVE_INFINITY });
  const offline = await serve(url, [], own);
  expect(await statusAt(offline.rest, "a")).toBe(200);
  expect(offline.logged()).toContain("starting with the one that was in use here last");
  expect((await offline.stop()).code).toBe(0);
});

test("tensorflow_model_server: the model config file and others are URLs, polled", async () => {
  await bucket.put("models.conf", conf("a"));
  await bucket.put("batching.txt", "max_batch_size { value: 8 }");
  await bucket.put("monitoring.txt", 'prometheus_config { enable: true path: "/own/metrics" }');
  const [port, rest] = await freePorts(2);
  const at = (name: string) => `s3://${bucket.name}/${name}`;
  const running = modelServer(
    [
      `--port=${port}`,
      `--rest_api_port=${rest}`,
      `--model_config_file=${at("models.conf")}`,
      "--model_config_file_poll_wait_seconds=1",
      "--enable_batching",
      `--batching_parameters_file=${at("batching.txt")}`,
      `--monitoring_config_file=${at("monitoring.txt")}`,
    ],
    env,
  );
  await running.logged("Exporting HTTP/REST API at:");
  const base = `http://127.0.0.1:${rest}`;
  expect((await request(`${base}/own/metrics`)).status).toBe(200);
  await bucket.put("models.conf", conf("a", "b"));
  await expect.poll(() => statusAt(base, "b"), { timeout: 20_000 }).toBe(200);
  expect(await running.stop()).toBe(0);
});

describe("at the start, a config that cannot be had is an error that says what, where, and what to do:", () => {
  test("salver, nothing there", async () => {
    const url = `s3://${bucket.name}/none.yaml`;
    for (const command of ["serve", "validate"]) {
      const { code, stderr } = await salver([command, url], { env });
      expect(stderr).toMatch(new RegExp(`^${url}: cannot read the config: .*it is not there`, "m"));
      expect(code).toBe(2);
    }
  });

  test("salver, a program", async () => {
    await bucket.put("salver.config.ts", "process.exit(0)");
    const { code, stderr } = await salver(["serve", `s3://${bucket.name}/salver.config.ts`], { env });
    expect(stderr).toMatch(/a config that is a program is only run from this machine/);
    expect(code).toBe(2);
  });

  test("salver, a place that nothing reads", async () => {
    const { code, stderr } = await salver(["serve", "gs://bucket/salver.yaml"]);
    expect(stderr).toMatch(/gs:\/\/bucket\/salver.yaml: .*nothing reads gs:\/\/ \(what is read: .*s3:\/\//);
    expect(code).toBe(2);
  });

  test("tensorflow_model_server, nothing there", async () => {
    const running = modelServer([`--model_config_file=s3://${bucket.name}/none.conf`], env);
    expect(await running.ended).toBe(255);
    expect(running.stdout()).toMatch(/Failed to start server\. Error: NOT_FOUND: cannot read s3:.*none.conf/);
  });
});
