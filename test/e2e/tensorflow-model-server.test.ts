import { cp, mkdir, rename, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateFolder } from "../support/certificates.js";
import { quickstart, workFolder } from "./support/config.js";
import { freePorts, type ModelServer, modelServer } from "./support/model-server.js";
import { request } from "./support/rest-client.js";

const halfPlusTwo = join(quickstart, "models/half_plus_two");
const started = "Exporting HTTP/REST API at:";

let folder: Awaited<ReturnType<typeof workFolder>>;
const running: ModelServer[] = [];

beforeAll(async () => {
  folder = await workFolder();
});
afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
  await folder?.[Symbol.asyncDispose]();
});

function start(args: readonly string[], env?: NodeJS.ProcessEnv): ModelServer {
  const server = modelServer(args, env);
  running.push(server);
  return server;
}

async function write(name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, text);
  return path;
}

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

const ask = async (port: number, path: string, body?: unknown) =>
  (await request(`http://127.0.0.1:${port}/v1/models/${path}`, body === undefined ? undefined : JSON.stringify(body)))
    .body as Record<string, unknown>;

async function run(args: readonly string[], env?: NodeJS.ProcessEnv) {
  const server = start(args, env);
  return { code: await server.ended, stdout: server.stdout(), stderr: server.stderr() };
}

test("a signal between the first load and the opening of the ports ends it, and opens none", async () => {
  const [port, rest] = (await freePorts(2)) as [number, number];
  const flags = ["--model_name=half", `--model_base_path=${halfPlusTwo}`];
  const server = start([`--port=${port}`, `--rest_api_port=${rest}`, ...flags]);
  await server.logged("half 2 is AVAILABLE");
  expect(await server.stop()).toBe(0);
  expect(await Promise.all([port, rest].map(isOpen))).toEqual([false, false]);
});

test("a model by flags: both ports, the version, a clean end", async () => {
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([
    `--port=${port}`,
    `--rest_api_port=${rest}`,
    "--model_name=half",
    `--model_base_path=${halfPlusTwo}`,
    "--xla_cpu_compilation_enabled",
  ]);
  await server.logged(started);
  expect(await ask(rest, "half:predict", { instances: [1, 2, 5] })).toEqual({ predictions: [2.5, 3, 4.5] });
  expect(await isOpen(port)).toBe(true);
  expect(server.stderr()).toContain(`Running gRPC ModelServer at 0.0.0.0:${port} ...`);
  expect(server.stderr()).toContain("without effect on this server: --xla_cpu_compilation_enabled");
  expect(await server.stop()).toBe(0);
});

test("the container image's variables name the model", async () => {
  await cp(halfPlusTwo, join(folder.path, "image/half"), { recursive: true });
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([`--port=${port}`, `--rest_api_port=${rest}`], {
    MODEL_NAME: "half",
    MODEL_BASE_PATH: join(folder.path, "image"),
  });
  await server.logged(started);
  expect(await ask(rest, "half:predict", { instances: [2] })).toEqual({ predictions: [3] });
});

test("a model config file: policies, labels, a platform of another name, and the file read again", async () => {
  await cp(halfPlusTwo, join(folder.path, "half"), { recursive: true });
  const text = (more: string) => `
    model_config_list {
      config { name: "half" base_path: "${folder.path}/half" model_platform: "tensorflow"
        model_version_policy { specific { versions: [1, 2] } }
        version_labels { key: "old" value: 1 } }
      ${more}
    }`;
  const mnist = `config { name: 'digits' base_path: '${join(quickstart, "models/mnist_onnx")}' model_platform: 'onnx' }`;
  const file = await write("models.config", text(mnist));
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([
    `--port=${port}`,
    `--rest_api_port=${rest}`,
    `--model_config_file=${file}`,
    "--model_config_file_poll_wait_seconds=1",
    "--allow_version_labels_for_unavailable_models",
  ]);
  await server.logged(started);
  expect(await ask(rest, "half/labels/old:predict", { instances: [2] })).toEqual({ predictions: [3] });
  const versions = (await ask(rest, "half")).model_version_status as { version: string; state: string }[];
  expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual(["2 AVAILABLE", "1 AVAILABLE"]);
  expect(((await ask(rest, "digits")).model_version_status as { state: string }[])[0]?.state).toBe("AVAILABLE");

  await writeFile(file, text("oops"));
  await server.logged("models.config:6:7: tensorflow.serving.ModelConfigList has no field");
  expect(await ask(rest, "half:predict", { instances: [2] })).toHaveProperty("predictions");
  await writeFile(
    file,
    text(
      mnist.replace("platform: 'onnx'", "platform: 'onnx' logging_config { log_collector_config { type: 'kafka' } }"),
    ),
  );
  await server.logged("Cannot find LogCollector::Factory for type: kafka");
  await writeFile(file, text(`config { name: "again" base_path: "${halfPlusTwo}" model_platform: "tensorflow" }`));
  await server.logged("again 2 is AVAILABLE");
  expect(await ask(rest, "again:predict", { instances: [2] })).toEqual({ predictions: [3] });
});

test("REST on the port of gRPC is not opened, which the log says", async () => {
  const [port] = (await freePorts(1)) as [number];
  const server = start([`--port=${port}`, `--rest_api_port=${port}`, `--model_base_path=${halfPlusTwo}`]);
  await server.logged("rest_api_port is the port of gRPC: REST is not opened");
  await server.logged("Running gRPC ModelServer at");
  expect(server.stderr()).not.toContain(started);
});

test.each([
  ["0: the only look found nothing", 0, "default waits for a version: there is no"],
  ["below 0: there is no look", -1, "no version is looked for"],
])("a server that never looks again waits without limit (%s)", async (_when, seconds, log) => {
  const [port] = (await freePorts(1)) as [number];
  const base = seconds < 0 ? halfPlusTwo : join(folder.path, "never");
  const server = start([`--port=${port}`, `--model_base_path=${base}`, `--file_system_poll_wait_seconds=${seconds}`]);
  await server.logged(log);
  const first = await Promise.race([
    server.ended.then(() => "ended"),
    new Promise((r) => setTimeout(r, 1000, "waits")),
  ]);
  expect([first, await isOpen(port)]).toEqual(["waits", false]);
  expect(await server.stop()).toBe(0);
});

test("nothing listens until a version has been loaded, however long that takes", async () => {
  const base = join(folder.path, "late");
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([`--port=${port}`, `--rest_api_port=${rest}`, "--model_name=late", `--model_base_path=${base}`]);
  await server.logged(`late waits for a version: there is no ${base} yet; expected a numeric folder such as ${base}/1`);
  expect([await isOpen(port), await isOpen(rest)]).toEqual([false, false]);
  await cp(join(halfPlusTwo, "1"), join(folder.path, "staging/1"), { recursive: true });
  await mkdir(base);
  await server.logged(`late waits for a version: there is no version in ${base}; expected`);
  await server.logged("late has none of the versions it is to serve yet: the server waits for one");
  expect([await isOpen(port), await isOpen(rest)]).toEqual([false, false]);
  await rename(join(folder.path, "staging/1"), join(base, "1"));
  await server.logged(started);
  expect(await ask(rest, "late:predict", { instances: [2] })).toEqual({ predictions: [3] });
  const log = server.stderr();
  expect(log.indexOf("late 1 is AVAILABLE")).toBeLessThan(log.indexOf("Running gRPC ModelServer"));
  expect(log.indexOf("Running gRPC ModelServer")).toBeLessThan(log.indexOf(started));
});

test("a server that still waits for a version ends on SIGTERM", async () => {
  const server = start([`--port=${(await freePorts(1))[0]}`, `--model_base_path=${join(folder.path, "never")}`]);
  await server.logged("no port opens before each model has a version that is loaded");
  expect(await server.stop()).toBe(0);
});

test("a version that was copied just now is taken at once, and no older one before it", async () => {
  const base = join(folder.path, "fresh");
  await mkdir(base);
  await symlink(join(halfPlusTwo, "1"), join(base, "1"));
  await cp(join(halfPlusTwo, "2"), join(base, "2"), { recursive: true });
  const now = new Date();
  await utimes(join(base, "2/saved_model.pb"), now, now);
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([`--port=${port}`, `--rest_api_port=${rest}`, `--model_base_path=${base}`]);
  await server.logged(started);
  expect(server.stderr()).toContain("default 2 is AVAILABLE");
  expect(server.stderr()).not.toContain("default 1 is");
});

test("a version that goes while its load is tried again ends with its error", async () => {
  const base = join(folder.path, "replaced");
  await cp(join(halfPlusTwo, "1"), join(base, "1"), { recursive: true });
  await truncate(join(base, "1/saved_model.pb"), 100);
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = start([`--port=${port}`, `--rest_api_port=${rest}`, `--model_base_path=${base}`]);
  await server.logged("loading failed, trying again in 60000 ms (5 left)");
  await symlink(join(halfPlusTwo, "1"), join(base, "2"));
  await server.logged(started);
  expect(await ask(rest, "default")).toMatchObject({
    model_version_status: [
      { version: "2", state: "AVAILABLE", status: { error_code: "OK" } },
      { version: "1", state: "END", status: { error_code: "DATA_LOSS", error_message: expect.stringMatching(/./) } },
    ],
  });
});

test("what cannot turn out differently is tried again all the same", async () => {
  const base = join(folder.path, "text");
  await mkdir(join(base, "1"), { recursive: true });
  await writeFile(join(base, "1/saved_model.pbtxt"), "");
  const { code, stdout, stderr } = await run([
    `--port=${(await freePorts(1))[0]}`,
    `--model_base_path=${base}`,
    "--max_num_load_retries=2",
    "--load_retry_interval_micros=1000",
  ]);
  expect([code, stdout]).toEqual([255, expect.stringContaining("due to error: FAILED_PRECONDITION")]);
  expect(stderr).toContain("loading failed, trying again in 1 ms (2 left)");
  expect(stderr).toContain("loading failed, trying again in 1 ms (1 left)");
});

test("a model that fails after its retries ends the server", async () => {
  await cp(join(halfPlusTwo, "1"), join(folder.path, "broken/7"), { recursive: true });
  await truncate(join(folder.path, "broken/7/saved_model.pb"), 100);
  const file = await write(
    "broken.config",
    `model_config_list { config { name: 'good' base_path: '${halfPlusTwo}' model_platform: 'tensorflow' }
       config { name: 'bad' base_path: '${folder.path}/broken' model_platform: 'tensorflow' } }`,
  );
  const [port] = (await freePorts(1)) as [number];
  const { code, stdout, stderr } = await run([
    `--port=${port}`,
    `--model_config_file=${file}`,
    "--max_num_load_retries=1",
    "--load_retry_interval_micros=1000",
  ]);
  expect(code).toBe(255);
  expect(stdout).toMatch(
    /^Failed to start server\. Error: UNKNOWN: 1 servable\(s\) did not become available: \{\{\{name: bad version: 7\} due to error: [A-Z_]+: .*\}, \}$/m,
  );
  expect(stderr).not.toContain("Running gRPC");
}, 60_000);

describe("what is wrong is said, with 255, and nothing is started", () => {
  const model = (text: string) =>
    `model_config_list {\n  config { name: 'm' base_path: '${halfPlusTwo}' model_platform: 'tensorflow' ${text} }\n}\n`;
  const refused = async (args: readonly string[], message: string) => {
    const { code, stdout, stderr } = await run(args);
    expect(stdout).toContain(message);
    expect(code).toBe(255);
    expect(stderr).not.toContain("LOADING");
    return stderr;
  };

  test("a file that is not there", async () => {
    const file = join(folder.path, "nowhere.config");
    await refused([`--model_config_file=${file}`], `Error: NOT_FOUND: ${file}; No such file or directory`);
  });

  test("tags that no graph has, by the flag", async () => {
    const args = [`--model_base_path=${halfPlusTwo}`, "--saved_model_tags=gpu", "--max_num_load_retries=0"];
    const { code, stdout } = await run([...args, `--port=${(await freePorts(1))[0]}`]);
    expect(code).toBe(255);
    expect(stdout).toContain("has no graph with the tags [gpu]; it has [serve]. Choose by --saved_model_tags");
  });

  test("what a file's field may not be, by flag and field", async () => {
    const file = await write("path.monitoring", 'prometheus_config { enable: true path: "metrics" }');
    await refused(
      [`--model_base_path=${halfPlusTwo}`, "--rest_api_port=1", `--monitoring_config_file=${file}`],
      "Error: INVALID_ARGUMENT: --monitoring_config_file, prometheus_config.path: ",
    );
    const log = await write("log.config", model("logging_config { sampling_config { sampling_rate: 1 } }"));
    await refused(
      [`--model_config_file=${log}`],
      "Error: INVALID_ARGUMENT: model m, log_collector_config.filename_prefix: ",
    );
  });

  test("a log collector that no plugin brings", async () => {
    const file = await write("collector.config", model("logging_config { log_collector_config { type: 'kafka' } }"));
    await refused(
      [`--model_config_file=${file}`],
      "Failed to start server. Error: NOT_FOUND: Cannot find LogCollector::Factory for type: kafka\n",
    );
  });

  test("paths in an ssl config where the text of the files belongs", async () => {
    const { key, cert } = {
      key: join(certificateFolder, "server-key.pem"),
      cert: join(certificateFolder, "server.pem"),
    };
    const file = await write("paths.ssl", `server_key: "${key}" server_cert: "${cert}"`);
    await refused(
      [`--model_base_path=${halfPlusTwo}`, `--ssl_config_file=${file}`],
      `Failed to start server. Error: INVALID_ARGUMENT: ${file}: server_key: expected PEM text that begins with -----BEGIN`,
    );
  });

  test("a platform that no plugin brings", async () => {
    const file = await write("platform.config", model("").replace("tensorflow", "caffe"));
    await refused(
      [`--model_config_file=${file}`],
      "Error: INVALID_ARGUMENT: Model m requests unsupported platform caffe",
    );
  });

  test("a label of a version that is not loaded yet, without the flag", async () => {
    const file = await write("label.config", model("version_labels { key: 'stable' value: 1 }"));
    await refused(
      [`--model_config_file=${file}`, `--port=${(await freePorts(1))[0]}`],
      "Error: FAILED_PRECONDITION: Request to assign label to version 1 of model m, which is not currently available for inference",
    );
  });

  test("no model, and a port out of range", async () => {
    await refused(
      [],
      "Error: INVALID_ARGUMENT: Both server_options.model_base_path and server_options.model_config_file are empty!",
    );
    await refused(
      ["--model_base_path=relative"],
      "Error: INVALID_ARGUMENT: Expected model default to have an absolute path or URI; got base_path()=relative",
    );
  });

  test("a port that is taken", async () => {
    const [port, rest] = (await freePorts(2)) as [number, number];
    const args = [`--port=${port}`, `--model_base_path=${halfPlusTwo}`];
    await start([...args, `--rest_api_port=${rest}`]).logged(started);
    const { code, stdout } = await run(args);
    expect([code, stdout]).toEqual([255, expect.stringMatching(`:${port}: the port is taken.* by --port`)]);
    const other = await run([`--port=${(await freePorts(1))[0]}`, `--rest_api_port=${rest}`, args[1] ?? ""]);
    expect(other.stdout).toMatch(`:${rest}: the port is taken`);
    expect(other.stdout).toMatch("by --rest_api_port");
  });

  test("an unknown flag and a value that cannot be read, after the usage", async () => {
    const unknown = await run(["--modl_name=x"]);
    expect(unknown).toMatchObject({ code: 255, stdout: expect.stringMatching(/^usage: /) });
    expect(unknown.stderr).toContain('unknown argument: --modl_name=x (did you mean "--model_name"?)');
    expect(await run(["--port=many"])).toMatchObject({ code: 255, stderr: expect.stringContaining("flag port") });
  });
});

test("--version leaves with 0, --help with 255", async () => {
  expect(await run(["--version"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^TensorFlow ModelServer: \d/),
  });
  expect(await run(["--help"])).toMatchObject({ code: 255, stdout: expect.stringContaining("--model_base_path=") });
});
