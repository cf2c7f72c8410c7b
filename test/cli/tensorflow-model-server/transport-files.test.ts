import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GivenFlags } from "../../../cli/tensorflow-model-server/flags.js";
import { detailOf } from "../../../cli/tensorflow-model-server/text-file.js";
import { transportFiles } from "../../../cli/tensorflow-model-server/transport-files.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "salver-flags-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(flag: "ssl_config_file" | "monitoring_config_file", text: string) {
  const file = join(folder, flag);
  await writeFile(file, text);
  return transportFiles({ [flag]: file } as GivenFlags);
}

const problem = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: Error & { code?: string }) => thrown,
  );
  return `${(error as { code?: string }).code}: ${error.message}\n${detailOf(error)}`.replaceAll(`${folder}/`, "");
};

test("no files, no options", async () => {
  expect(await transportFiles({ ssl_config_file: "", monitoring_config_file: "" })).toEqual({ grpc: {}, rest: {} });
});

test.each([
  ["", false],
  ["prometheus_config {}", false],
  ["prometheus_config { enable: false path: '/x' }", false],
  ["prometheus_config { enable: true }", "/monitoring/prometheus/metrics"],
  ["prometheus_config { enable: true, path: '/metrics' }", "/metrics"],
])("monitoring %j", async (text, metricsPath) => {
  expect((await read("monitoring_config_file", text)).rest).toEqual({ metricsPath });
});

test("keys, certificates and authorities as PEM text", async () => {
  const text = `server_key: "key\\n" "more" server_cert: 'cert'`;
  const server = { key: "key\nmore", cert: "cert", clientVerify: false };
  expect((await read("ssl_config_file", text)).grpc).toEqual({ tls: server });
  expect((await read("ssl_config_file", `${text} custom_ca: "ca" client_verify: true`)).grpc).toEqual({
    tls: { ...server, clientCa: "ca", clientVerify: true },
  });
});

describe("refused", () => {
  test("a certificate without its key", async () => {
    const text = await problem(read("ssl_config_file", "server_cert: 'c'"));
    expect(text).toMatch("INVALID_ARGUMENT: ssl_config_file: server_key and server_cert are needed");
  });

  test("clients to be verified by nobody", async () => {
    const text = await problem(read("ssl_config_file", "server_cert: 'c' server_key: 'k' client_verify: true"));
    expect(text).toMatch("client_verify needs custom_ca");
  });

  test.each([
    ["ssl_config_file", "server_key: 'k\n'", "1:13: the string has no end on its line"],
    [
      "ssl_config_file",
      "\nserver_kye: 'k'",
      '2:1: tensorflow.serving.SSLConfig has no field "server_kye" (did you mean "server_key"?)',
    ],
    ["ssl_config_file", "client_verify: 'yes'", "1:16: expected true or false, got 'yes'"],
    ["monitoring_config_file", "prometheus_config {", '1:20: expected a field or "}", got the end of the file'],
    [
      "monitoring_config_file",
      "prometheus_config { on: true }",
      '1:21: tensorflow.serving.PrometheusConfig has no field "on" (known: enable, path)',
    ],
    ["monitoring_config_file", "prometheus_config { path: 1 }", '1:27: expected a string in quotes, got "1"'],
  ] as const)("%s: %j", async (flag, text, where) => {
    const type = flag === "ssl_config_file" ? "SSLConfig" : "MonitoringConfig";
    expect(await problem(read(flag, text))).toBe(
      `INVALID_ARGUMENT: Invalid protobuf file: '${flag}'\nError parsing text-format tensorflow.serving.${type}: ${flag}:${where}`,
    );
  });

  test("a file that is not there", async () => {
    const text = await problem(transportFiles({ ssl_config_file: join(folder, "nowhere") }));
    expect(text).toMatch("NOT_FOUND: nowhere; No such file or directory");
  });
});
