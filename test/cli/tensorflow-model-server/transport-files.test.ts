import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GivenFlags } from "../../../cli/tensorflow-model-server/flags.js";
import { detailOf } from "../../../cli/tensorflow-model-server/text-file.js";
import { transportFiles } from "../../../cli/tensorflow-model-server/transport-files.js";
import { certificates } from "../../support/certificates.js";

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

/** A field of SSLConfig; JSON writes strings as the text format reads them. */
const field = (name: string, text: string) => `${name}: ${JSON.stringify(text)} `;
const pair = field("server_key", certificates.server.key) + field("server_cert", certificates.server.cert);

test("keys, certificates and authorities as PEM text", async () => {
  const server = { ...certificates.server, clientVerify: false };
  expect((await read("ssl_config_file", pair)).grpc).toEqual({ tls: server });
  const mutual = `${pair}${field("custom_ca", certificates.ca)} client_verify: true`;
  expect((await read("ssl_config_file", mutual)).grpc).toEqual({
    tls: { ...server, clientCa: certificates.ca, clientVerify: true },
  });
});

describe("refused", () => {
  test("a certificate without its key", async () => {
    const text = await problem(read("ssl_config_file", "server_cert: 'c'"));
    expect(text).toMatch("INVALID_ARGUMENT: ssl_config_file: server_key and server_cert are needed");
  });

  test.each([
    ["server_key", field("server_key", "/etc/tls/server-key.pem") + field("server_cert", certificates.server.cert)],
    ["server_cert", field("server_key", certificates.server.key) + field("server_cert", "certs/server.pem")],
    ["custom_ca", pair + field("custom_ca", "/etc/tls/ca.pem")],
  ])("what is no PEM text in %s, which is no path either and is not shown", async (name, text) => {
    const refusal = await problem(read("ssl_config_file", text));
    expect(refusal).toMatch(
      `INVALID_ARGUMENT: ssl_config_file: ${name}: expected PEM text that begins with -----BEGIN, got other text of`,
    );
    expect(refusal).not.toMatch(/etc|certs/);
  });

  test("PEM text that is no certificate, and a key of another", async () => {
    const spoilt = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";
    const other = field("server_key", certificates.client.key) + field("server_cert", certificates.server.cert);
    expect(await problem(read("ssl_config_file", pair + field("custom_ca", spoilt)))).toMatch(
      "INVALID_ARGUMENT: ssl_config_file: custom_ca: this is no certificate in PEM form",
    );
    expect(await problem(read("ssl_config_file", other))).toMatch(
      "INVALID_ARGUMENT: ssl_config_file: server_key: it does not belong to the certificate in server_cert",
    );
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
