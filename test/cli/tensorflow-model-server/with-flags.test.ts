import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withFlags } from "../../../cli/tensorflow-model-server/with-flags.js";
import type { Config, LoadedConfig } from "../../../core/index.js";
import { workFolder } from "../../e2e/support/config.js";

const raw: Config = { models: { a: { path: "./a" } }, transports: [{ type: "grpc", port: 1 }] };
const load = async (target?: string): Promise<LoadedConfig> => ({
  raw,
  file: target ?? "found",
  baseDir: ".",
  locate: () => undefined,
});
const refusal = (...args: string[]) =>
  withFlags(args, load).then(
    () => "nothing was thrown",
    (error: Error) => error.message,
  );

test("without flags a config is handed on as it is", async () => {
  const { loaded, completeModels } = await withFlags(["my.yaml"], load);
  expect(loaded).toMatchObject({ raw, file: "my.yaml" });
  expect(loaded.raw).toBe(raw);
  expect(completeModels(raw.models)).toBe(raw.models);
});

test("flags win over the config, before or behind its path, and add their model", async () => {
  for (const args of [
    ["--port=9000", "--model_base_path=/m", "my.yaml"],
    ["my.yaml", "--model_base_path=/m", "--port=9000"],
  ]) {
    const { loaded } = await withFlags(args, load);
    expect(loaded.file).toBe("my.yaml");
    expect(loaded.raw).toMatchObject({ transports: [{ type: "grpc", port: 9000 }] });
    expect(Object.keys((loaded.raw as Config).models)).toEqual(["a", "default"]);
  }
});

test("models of a later reload get the flags too", async () => {
  const { completeModels } = await withFlags(["--file_system_poll_wait_seconds=9"], load);
  expect(completeModels({ b: { path: "/b" } })).toMatchObject({ b: { source: { path: "/b", poll: "9s" } } });
});

test("what cannot turn out differently is not tried again beside a config", async () => {
  const { loaded } = await withFlags(["--max_num_load_retries=3"], load);
  expect((loaded.raw as Config).loading).toEqual({ retries: 3 });
});

test("batching is for every model, a reload's too, and --enable_batching=false ends it", async () => {
  const { loaded, completeModels } = await withFlags(["--enable_batching"], load);
  const batching = { type: "shared", pool: "model_server_batch_threads" };
  expect((loaded.raw as Config).models.a).toMatchObject({ batching });
  expect(completeModels({ b: { path: "/b" } })).toMatchObject({ b: { batching } });
  const without = await withFlags(["--enable_batching=false"], load);
  expect(without.completeModels({ b: { path: "/b", batching } })).toMatchObject({ b: { batching: false } });
});

test("a platform config says which platforms there are, for a reload too", async () => {
  await using folder = await workFolder();
  const file = join(folder.path, "platforms");
  await writeFile(file, "platform_configs { key: 'onnx' value {} }");
  const flag = `--platform_config_file=${file}`;
  const { completeModels } = await withFlags([flag], load);
  const refused = "Model b requests unsupported platform tensorflow";
  expect(() => completeModels({ b: { path: "/b", servable: "savedmodel" } })).toThrow(refused);
  const servable = async () => ({ ...(await load()), raw: { models: { b: { path: "/b", servable: "savedmodel" } } } });
  await expect(withFlags([flag], servable)).rejects.toThrow(`command line: ${refused}`);
});

test.each([
  [["--prot=1"], 'command line: unknown argument: --prot=1 (did you mean "--port"?)'],
  [["--port=70000"], "command line: --port: expected a port from 0 to 65535, got 70000"],
  [["--model_base_path=m"], "command line: Expected model default to have an absolute path or URI; got base_path()=m"],
  [["--enable_batching", "--batching_parameters_file=/nowhere"], "command line: /nowhere; No such file or directory"],
  [["a.yaml", "b.yaml"], "command line: one config at most, got a.yaml and b.yaml"],
])("%j is refused as a config is", async (args, message) => {
  expect(await refusal(...args)).toMatch(message);
});
