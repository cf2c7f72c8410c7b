import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyFlags, bareConfig } from "../../../cli/tensorflow-model-server/apply-flags.js";
import { readFlagFiles } from "../../../cli/tensorflow-model-server/flag-files.js";
import type { GivenFlags } from "../../../cli/tensorflow-model-server/flags.js";
import { readPlatforms } from "../../../cli/tensorflow-model-server/platform-config.js";
import type { Config } from "../../../core/index.js";
import { builtins } from "../../../plugins/index.js";
import { workFolder } from "../../e2e/support/config.js";

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  await using folder = await workFolder();
  const file = join(folder.path, "platforms");
  await writeFile(file, text);
  return await use(file);
}
const read = (text: string) => withFile(text, (file) => readPlatforms(file, builtins));
const settingsOf = async (text: string) => (await read(text)).settings.get("tensorflow");

const entry = (platform: string, config: string) =>
  `platform_configs { key: "${platform}" value { source_adapter_config { ${config} } } }`;
const savedModel = (legacy: string) =>
  entry(
    "tensorflow",
    `[type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config { ${legacy} } }`,
  );

/** The models of a server that is started with these flags and this platform config. */
async function started(text: string, flags: GivenFlags, models: Config["models"]) {
  return withFile(text, async (file) => {
    const files = await readFlagFiles({ ...flags, platform_config_file: file }, builtins);
    return applyFlags(bareConfig, flags, models, files).models;
  });
}

test("what a session's config says", async () => {
  const text = `enable_model_warmup: true
    model_warmup_options { num_request_iterations { value: 3 } num_model_warmup_threads { value: 2 } }
    saved_model_tags: "serve" saved_model_tags: "gpu" enable_saved_model_config: true
    batching_parameters { max_batch_size { value: 8 } thread_pool_name { value: "mine" } }
    session_config { intra_op_parallelism_threads: 2 inter_op_parallelism_threads: 4
      gpu_options { per_process_gpu_memory_fraction: 0.5 } }`;
  expect(await settingsOf(savedModel(text))).toEqual({
    warmup: { type: "tensorflow", iterations: 3, threads: 2 },
    batching: { type: "shared", maxBatchSize: 8, pool: "mine" },
    savedmodel: {
      tags: ["serve", "gpu"],
      onnxruntime: { intraOpThreads: 2, interOpThreads: 4 },
      libtensorflow: { intraOpThreads: 2, interOpThreads: 4, gpuMemoryFraction: 0.5 },
      savedModelConfig: true,
    },
  });
});

test("what it leaves out is off, or TensorFlow Serving's default", async () => {
  const bare = { warmup: false, batching: false, savedmodel: { tags: ["serve"] } };
  expect(await settingsOf(savedModel(""))).toEqual(bare);
  const adapter = "[type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] {}";
  expect(await settingsOf(entry("tensorflow", adapter))).toEqual(bare);
  expect(await settingsOf(savedModel("enable_model_warmup: true"))).toEqual({ ...bare, warmup: undefined });
});

test.each([
  ["batching_parameters {}", { type: "shared" }],
  [
    "batching_parameters {} enable_per_model_batching_params: true",
    { type: "shared", perModelFile: "batching_params.pbtxt" },
  ],
  ["enable_per_model_batching_params: true", false],
  ["batching_parameters {} wrap_session_with_no_threading_params: true", false],
])("batching by %s", async (text, batching) => {
  expect((await settingsOf(savedModel(text)))?.batching).toEqual(batching);
});

test("fields about TensorFlow's own inside are named as without effect", async () => {
  const text = `remove_unused_fields_from_bundle_metagraph: true prefer_tflite_model: true enable_model_warmup: true
    enable_session_metadata: false model_warmup_options { enable_all_batch_sizes_warmup: true }`;
  expect((await read(savedModel(text))).withoutEffect).toEqual([
    "remove_unused_fields_from_bundle_metagraph",
    "prefer_tflite_model",
    "model_warmup_options.enable_all_batch_sizes_warmup",
  ]);
});

const model = (servable: string) => ({ source: { type: "filesystem", path: "/m" }, servable });
const batched = { enable_batching: true, num_request_iterations_for_warmup: 7, saved_model_tags: "a" };
const ofFlags = {
  batching: { type: "shared", pool: "model_server_batch_threads" },
  warmup: { type: "tensorflow", iterations: 7 },
};

test("settings of a platform stand for the flags about them, for its models alone", async () => {
  const text = `${savedModel("batching_parameters { max_batch_size { value: 8 } }")} platform_configs { key: "onnx" value {} }`;
  const models = await started(text, batched, { tf: model("savedmodel"), other: model("onnx") });
  expect(models.tf).toMatchObject({
    servable: { type: "savedmodel", tags: ["serve"] },
    batching: { type: "shared", maxBatchSize: 8 },
    warmup: false,
  });
  expect(models.tf?.batching).not.toHaveProperty("pool");
  expect(models.other).toMatchObject(ofFlags);
});

test("a platform that is only named goes by the flags", async () => {
  const text = "platform_configs { key: 'tensorflow' value {} }";
  const models = await started(text, batched, { tf: model("savedmodel") });
  expect(models.tf).toMatchObject({ ...ofFlags, servable: { tags: ["a"] } });
});

test("a model of a platform that the file leaves out is refused", async () => {
  const tensorflow = "platform_configs { key: 'tensorflow' value {} }";
  await expect(started(tensorflow, {}, { m: model("onnx") })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: "Model m requests unsupported platform onnx",
  });
  await expect(started("", {}, { m: model("savedmodel") })).rejects.toThrow(
    "Model m requests unsupported platform tensorflow",
  );
  expect(await started(tensorflow, {}, { m: { path: "/m" } })).toHaveProperty("m");
});

test.each([
  ["an unknown platform", "platform_configs { key: 'caffe' value {} }", "no plugin brings the platform caffe"],
  ["settings of a platform that has none", entry("onnx", "type_url: 'a/b'"), "onnx takes no source_adapter_config"],
  ["settings of another kind", entry("tensorflow", "type_url: 'a/b.C'"), "SourceAdapterConfig, got a/b.C"],
  ["a session elsewhere", savedModel("session_target: 'grpc://a'"), "session_target is not supported"],
  [
    "inputs that every session gets",
    savedModel("experimental_fixed_input_tensors { name: 'x' }"),
    "experimental_fixed_input_tensors is not supported",
  ],
  ["what is no field", savedModel("warmup: true"), "Invalid protobuf file"],
])("%s is refused", async (_what, text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});
