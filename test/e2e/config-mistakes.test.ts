import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { request } from "./support/rest-client.js";
import { salver, serve } from "./support/salver.js";

const half = join(quickstart, "models/half_plus_two");

describe("a mistaken config ends with code 2, one clear error, and nothing listening:", () => {
  test.each([
    [
      "unknown key",
      `models:\n  a: { path: ${half}, polcy: x }\n`,
      /salver\.config\.yaml:2:\d+ models\.a\.polcy: unknown key \(did you mean "policy"\?\)/,
    ],
    ["wrong type", `models: 3\n`, /salver\.config\.yaml:1:9 models: expected .*got 3/],
    ["missing path", "models:\n  a: { path: ./nowhere }\n", /salver\.config\.yaml:2:14 models\.a\.path: .*nowhere/],
    [
      "two models of one name",
      `models:\n  a: { path: ${half} }\n  a: { path: ${half} }\n`,
      /salver\.config\.yaml:3:3: Map keys must be unique/,
    ],
    [
      "unknown component",
      `models:\n  a: { path: ${half}, servable: onxx }\n`,
      /models\.a\.servable: no servable "onxx" is installed \(did you mean "onnx"\?\)/,
    ],
  ])("%s", async (_name, text, message) => {
    await using folder = await workFolder();
    const file = await writeConfig(folder.path, text);
    for (const command of ["serve", "validate"]) {
      const { code, stdout, stderr } = await salver([command, file]);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    }
  });
});

test("a port that is taken: code 1, and the port is named", async () => {
  await using folder = await workFolder();
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  const transports = `transports: [{ type: rest, host: 127.0.0.1, port: ${port} }]\n`;
  const file = await writeConfig(folder.path, `models:\n  a: { path: ${half} }\n${transports}`);
  const { code, stderr } = await salver(["serve", file]);
  taken.close();
  expect(stderr).toContain(String(port));
  expect(code).toBe(1);
});

test("unknown commands and flags: code 2 and what was probably meant", async () => {
  const command = await salver(["serv"]);
  expect(command.code).toBe(2);
  expect(command.stderr).toMatch(/unknown command 'serv'[\s\S]*Did you mean serve\?/);
  const flag = await salver(["serve", "--log-leval=debug"]);
  expect(flag.code).toBe(2);
  expect(flag.stderr).toContain('unknown argument: --log-leval=debug (did you mean "--log-level"?)');
});

test("serve takes TensorFlow Serving's flags beside a config, and they win", async () => {
  await using folder = await workFolder();
  const file = await writeConfig(folder.path, `models:\n  a: { path: ${half} }\n`);
  const server = await serve(file, ["--model_name=b", `--model_base_path=${half}`, "--rest_api_timeout_in_ms=5000"]);
  const { body } = await request(`${server.rest}/v1/models/b:predict`, '{"instances": [3.0]}');
  expect(body).toEqual({ predictions: [3.5] });
  expect((await server.stop()).code).toBe(0);
});

describe("the commands that do not serve", () => {
  test("validate: a good config, and the models load", async () => {
    const { code, stdout } = await salver(["validate", quickstart]);
    expect(stdout).toMatch(/^half_plus_two +2/m);
    expect(code).toBe(0);
  });

  test("validate: a model that does not load is code 1", async () => {
    await using folder = await workFolder();
    const file = await writeConfig(folder.path, "models:\n  a: { path: . }\nloading: { retries: 0 }\n");
    const { code, stdout } = await salver(["validate", file]);
    expect(stdout).toMatch(/✗ a has no version to serve/);
    expect(code).toBe(1);
  });

  test("print-config: every default filled in", async () => {
    const { code, stdout } = await salver(["print-config", quickstart, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      models: {
        mnist: { source: { type: "filesystem" }, policy: { type: "availability-preserving" }, versions: { latest: 1 } },
      },
      transports: [
        { type: "grpc", port: 8500 },
        { type: "rest", port: 8501 },
      ],
      loading: { retries: 2, retryInterval: "1000ms" },
    });
  });

  test("print-config: what it prints is a config that means the same", async () => {
    await using folder = await workFolder();
    const config = `models:\n  a: { path: ${half}, labels: { stable: 1 } }\nloading: { retryInterval: 200us, memory: 2GiB }\n`;
    const first = await salver(["print-config", await writeConfig(folder.path, config)]);
    const second = await salver(["print-config", await writeConfig(folder.path, first.stdout)]);
    expect(first.stdout).toContain("retryInterval: 0.2ms");
    expect(second.stderr).toBe("");
    expect(second.stdout).toBe(first.stdout);
  });

  test("components: every factory with its options", async () => {
    const { code, stdout } = await salver(["components"]);
    expect(code).toBe(0);
    for (const type of [
      "savedmodel",
      "onnx",
      "filesystem",
      "availability-preserving",
      "resource-preserving",
      "grpc",
      "rest",
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${type} \\(`, "m"));
    }
    const json = JSON.parse((await salver(["components", quickstart, "--json"])).stdout) as { type: string }[];
    expect(json.map(({ type }) => type)).toContain("palindrome");
  });

  test("doctor: what is here", async () => {
    const { stdout } = await salver(["doctor"]);
    expect(stdout).toMatch(/✓ Node\.js/);
    expect(stdout).toMatch(/onnxruntime/);
    expect(stdout).toMatch(/libtensorflow/);
  });

  test("help is there for every command", async () => {
    const { stdout, code } = await salver(["--help"]);
    expect(code).toBe(0);
    for (const command of ["serve", "validate", "print-config", "components", "doctor", "tensorflow"]) {
      expect(stdout).toContain(command);
      expect((await salver([command, "--help"])).code).toBe(0);
    }
  });
});
