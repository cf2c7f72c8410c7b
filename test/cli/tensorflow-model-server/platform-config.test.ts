import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withPlatformConfig } from "../../../cli/tensorflow-model-server/platform-config.js";
import { builtins } from "../../../plugins/index.js";
import { workFolder } from "../../e2e/support/config.js";

async function flagsOf(text: string) {
  await using folder = await workFolder();
  const file = join(folder.path, "platforms");
  await writeFile(file, text);
  const { platform_config_file, ...flags } = await withPlatformConfig(
    { platform_config_file: file, port: 1, saved_model_tags: "a" },
    builtins,
  );
  return flags;
}

const entry = (platform: string, config: string) =>
  `platform_configs { key: "${platform}" value { source_adapter_config { ${config} } } }`;
const savedModel = (legacy: string) =>
  entry(
    "tensorflow",
    `[type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig] { legacy_config { ${legacy} } }`,
  );

test("a platform that is only named changes nothing", async () => {
  const text = "platform_configs { key: 'tensorflow' value {} } platform_configs { key: 'onnx' value {} }";
  expect(await flagsOf(text)).toEqual({ port: 1, saved_model_tags: "a" });
});

test("settings of sessions stand for the flags about them", async () => {
  const text = `enable_model_warmup: true model_warmup_options { num_request_iterations { value: 3 } }
    saved_model_tags: "serve" saved_model_tags: "gpu" remove_unused_fields_from_bundle_metagraph: true
    session_config { intra_op_parallelism_threads: 2 inter_op_parallelism_threads: 4
      gpu_options { per_process_gpu_memory_fraction: 0.5 } }`;
  expect(await flagsOf(savedModel(text))).toEqual({
    port: 1,
    enable_model_warmup: true,
    num_request_iterations_for_warmup: 3,
    saved_model_tags: "serve,gpu",
    tensorflow_session_parallelism: 0,
    tensorflow_intra_op_parallelism: 2,
    tensorflow_inter_op_parallelism: 4,
    per_process_gpu_memory_fraction: 0.5,
  });
  expect(await flagsOf(savedModel(""))).toMatchObject({ enable_model_warmup: false, saved_model_tags: "serve" });
});

test.each([
  ["an unknown platform", "platform_configs { key: 'caffe' value {} }", "no plugin brings the platform caffe"],
  ["settings of a platform that has none", entry("onnx", "type_url: 'a/b'"), "onnx takes no source_adapter_config"],
  ["settings of another kind", entry("tensorflow", "type_url: 'a/b.C'"), "SourceAdapterConfig, got a/b.C"],
  ["TFLite", savedModel("prefer_tflite_model: true"), "prefer_tflite_model is not supported"],
  ["a session elsewhere", savedModel("session_target: 'grpc://a'"), "session_target is not supported"],
  ["batching", savedModel("batching_parameters {}"), "batching_parameters is not supported"],
  ["what is no field", savedModel("warmup: true"), "Invalid protobuf file"],
])("%s is refused", async (_what, text, message) => {
  await expect(flagsOf(text)).rejects.toThrow(message);
});
