import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quickstart, workFolder } from "../../e2e/support/config.js";
import { freePorts, modelServer } from "../../e2e/support/model-server.js";

export const halfPlusTwo = join(quickstart, "models/half_plus_two");

/** ONNX models of one version by the fixture that each of them is. */
const onnxModels = {
  int64: "dtype_int64",
  uint64: "dtype_uint64",
  int32: "dtype_int32",
  uint8: "dtype_uint8",
  bool: "dtype_bool",
  string: "dtype_string",
  half_float: "dtype_float16",
  scores: "linear_classifier",
  several: "several",
  scalar: "scalar",
  bytes: "bytes_output",
  slow: "slow_loop",
};

/** SavedModels of one version: an input with a default, and signatures that parse examples. */
const savedModels = ["defaults", "examples"];

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));

/**
 * `tensorflow_model_server` with `half` in versions 2 and 1 (label `old`) and the fixtures above, in a folder of its
 * own; `config` is more of the model config file, `flags` more of the command line, `prepare` writes what they name.
 */
export async function stockServer(
  config: (folder: string) => string,
  flags: (folder: string) => readonly string[],
  prepare: (folder: string) => Promise<void> = async () => {},
) {
  const folder = await workFolder();
  const { path } = folder;
  for (const [name, file] of Object.entries(onnxModels)) {
    await mkdir(join(path, name, "1"), { recursive: true });
    await cp(fixture(`onnx/${file}.onnx`), join(path, name, "1/model.onnx"));
  }
  for (const name of savedModels) await cp(fixture(`savedmodels/${name}`), join(path, name, "1"), { recursive: true });
  const listed = (platform: string) => (name: string) =>
    `config { name: "${name}" base_path: "${join(path, name)}" model_platform: "${platform}" }`;
  const models = [...Object.keys(onnxModels).map(listed("onnx")), ...savedModels.map(listed("tensorflow"))];
  const text = `model_config_list {
    config { name: "half" base_path: "${halfPlusTwo}" model_platform: "tensorflow"
      model_version_policy { all {} } version_labels { key: "old" value: 1 } version_labels { key: "gone" value: 9 } }
    ${models.join("\n")} ${config(path)} }`;
  await writeFile(join(path, "models.config"), text);
  await prepare(path);
  const [port, rest] = (await freePorts(2)) as [number, number];
  const server = modelServer([
    `--port=${port}`,
    `--rest_api_port=${rest}`,
    `--model_config_file=${join(path, "models.config")}`,
    "--allow_version_labels_for_unavailable_models",
    ...flags(path),
  ]);
  await server.logged("Exporting HTTP/REST API at:");
  return {
    path,
    grpc: `127.0.0.1:${port}`,
    rest: `http://127.0.0.1:${rest}`,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export type StockServer = Awaited<ReturnType<typeof stockServer>>;
