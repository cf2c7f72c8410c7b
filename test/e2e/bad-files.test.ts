import { cp, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quickstart, workFolder } from "./support/config.js";
import { modelServer } from "./support/model-server.js";

const halfPlusTwo = join(quickstart, "models/half_plus_two");

let folder: Awaited<ReturnType<typeof workFolder>>;
/** Ports that are taken: a server that comes so far as to open one ends with another error than its file's. */
let taken: readonly Server[];

const listening = () =>
  new Promise<Server>((resolve) => {
    const server = createServer();
    server.listen(0, "0.0.0.0", () => resolve(server));
  });

beforeAll(async () => {
  folder = await workFolder();
  taken = await Promise.all([listening(), listening()]);
});
afterAll(async () => {
  for (const server of taken ?? []) server.close();
  await folder?.[Symbol.asyncDispose]();
});

async function run(args: readonly string[]) {
  const [port, rest] = taken.map((server) => (server.address() as { port: number }).port);
  const server = modelServer([`--port=${port}`, `--rest_api_port=${rest}`, ...args]);
  return { code: await server.ended, stdout: server.stdout(), stderr: server.stderr() };
}

const model = (text: string) => `model_config_list {
  config { name: "m" base_path: "${halfPlusTwo}" model_platform: "tensorflow"
    ${text} }
}`;
const session = (text: string) => `platform_configs { key: "tensorflow" value { source_adapter_config {
  [type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config {
    ${text} } } } } }`;
const single = `--model_base_path=${halfPlusTwo}`;

/** By the flag: the message in the file, the flags beside it, and the file with one field in its line `line`. */
type Kind = {
  readonly flag: string;
  readonly message: string;
  readonly beside: readonly string[];
  readonly line: number;
  readonly file: (field: string) => string;
};
const kinds: Readonly<Record<string, Kind>> = {
  models: { flag: "model_config_file", message: "ModelServerConfig", beside: [], line: 3, file: model },
  batching: {
    flag: "batching_parameters_file",
    message: "BatchingParameters",
    beside: [single, "--enable_batching"],
    line: 2,
    file: (field) => `max_batch_size { value: 8 }\n    ${field}`,
  },
  monitoring: {
    flag: "monitoring_config_file",
    message: "MonitoringConfig",
    beside: [single],
    line: 2,
    file: (field) => `prometheus_config { enable: true\n    ${field} }`,
  },
  ssl: {
    flag: "ssl_config_file",
    message: "SSLConfig",
    beside: [single],
    line: 2,
    file: (field) => `server_key: "-----BEGIN"\n    ${field}`,
  },
  platforms: {
    flag: "platform_config_file",
    message: "PlatformConfigMap",
    beside: [single],
    line: 3,
    file: session,
  },
};

describe.concurrent("a bad file ends the start with 255, where it is wrong is said, and nothing has begun", () => {
  test.each<[keyof typeof kinds, string, string, number, string]>([
    ["models", "a syntax error", "labels = 3", 12, 'unexpected "="'],
    ["models", "an unknown field", "lables {}", 5, 'ModelConfig has no field "lables"'],
    ["models", "a wrong type", "version_labels { key: 'a' value: 'b' }", 38, "expected an int64, got 'b'"],
    [
      "models",
      "a syntax error in logging_config",
      "logging_config { sampling_config 3 }",
      38,
      'expected "{" after "sampling_config"',
    ],
    ["models", "an unknown field in logging_config", "logging_config { rate: 1 }", 22, 'has no field "rate"'],
    [
      "models",
      "a wrong type in logging_config",
      "logging_config { sampling_config { sampling_rate: 'all' } }",
      55,
      "expected a decimal number, got 'all'",
    ],
    ["batching", "a syntax error", "batch_timeout_micros { value 1 }", 34, 'expected ":" after "value"'],
    ["batching", "an unknown field", "max_batch: 3", 5, 'BatchingParameters has no field "max_batch"'],
    ["batching", "a wrong type", "allowed_batch_sizes: 1.5", 26, 'expected an int64, got "1.5"'],
    ["monitoring", "a syntax error", 'path: "/metrics', 11, "the string has no end on its line"],
    ["monitoring", "an unknown field", "route: 'a'", 5, 'PrometheusConfig has no field "route"'],
    ["monitoring", "a wrong type", "path: true", 11, "expected a string in quotes"],
    ["ssl", "a syntax error", "client_verify: }", 20, 'expected true or false, got "}"'],
    ["ssl", "an unknown field", "server_cart: 'a'", 5, 'SSLConfig has no field "server_cart"'],
    ["ssl", "a wrong type", "client_verify: 'yes'", 20, "expected true or false, got 'yes'"],
    [
      "platforms",
      "a syntax error",
      "batching_parameters { max_batch_size: }",
      43,
      'expected "{" after "max_batch_size"',
    ],
    ["platforms", "an unknown field", "enable_warmup: true", 5, 'SessionBundleConfig has no field "enable_warmup"'],
    ["platforms", "a wrong type", "enable_model_warmup: 'on'", 26, "expected true or false, got 'on'"],
  ])("%s: %s", async (kind, what, field, column, text) => {
    const { flag, message, beside, line, file } = kinds[kind]!;
    const path = join(folder.path, `${kind} ${what}`);
    await writeFile(path, file(field));
    const { code, stdout, stderr } = await run([...beside, `--${flag}=${path}`]);
    const place = `Error parsing text-format tensorflow.serving.${message}: ${path}:`;
    expect(stderr.startsWith(place), stderr).toBe(true);
    expect(stderr).toContain(text);
    expect([code, stdout, stderr.split("\n").length, stderr.slice(place.length).split(": ")[0]]).toEqual([
      255,
      `Failed to start server. Error: INVALID_ARGUMENT: Invalid protobuf file: '${path}'\n`,
      2,
      `${line}:${column}`,
    ]);
  });
});

describe.concurrent("a bad batching_params.pbtxt of a version ends the server before it listens", () => {
  test.each([
    ["a syntax error", "max_batch_size { value 8 }", "1:24: "],
    ["an unknown field", "max_batch: 8", '1:1: tensorflow.serving.BatchingParameters has no field "max_batch"'],
    ["a wrong type", "max_batch_size { value: '8' }", "1:25: "],
  ])("%s", async (what, text, place) => {
    const base = join(folder.path, `per model ${what}`);
    await cp(join(halfPlusTwo, "1"), join(base, "1"), { recursive: true });
    await writeFile(join(base, "1/batching_params.pbtxt"), text);
    const { code, stdout, stderr } = await run([
      `--model_base_path=${base}`,
      "--enable_batching",
      "--enable_per_model_batching_parameters",
      "--max_num_load_retries=0",
    ]);
    expect([code, stdout]).toEqual([
      255,
      expect.stringMatching(
        /^Failed to start server\. Error: UNKNOWN: 1 servable\(s\) did not become available: \{\{\{name: default version: 1\} due to error: FAILED_PRECONDITION: /,
      ),
    ]);
    expect(stdout).toContain(`${base}/1/batching_params.pbtxt:${place}`);
    expect(stderr).not.toContain("Running gRPC");
    expect(stderr).not.toContain("AVAILABLE");
  });
});
