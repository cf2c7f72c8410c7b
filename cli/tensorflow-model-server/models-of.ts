import { create } from "@bufbuild/protobuf";
import type { Config } from "../../core/index.js";
import { ModelServerConfigSchema } from "../../protos/gen/tensorflow_serving/config/model_server_config_pb.js";
import { modelsFromProto } from "../../protos/model-config.js";
import type { GivenFlags } from "./flags.js";
import { readTextFile } from "./text-file.js";

/** The models that the flags name: those of the file, or the one of name and folder, or none. @throws ServingError */
export async function modelsOf(flags: GivenFlags, signal?: AbortSignal): Promise<Config["models"]> {
  const { model_config_file: file } = flags;
  if (file) return modelsFromProto(await readTextFile(ModelServerConfigSchema, file, { signal }));
  if (!flags.model_base_path) return {};
  const config = {
    name: flags.model_name ?? "default",
    basePath: flags.model_base_path,
    modelPlatform: "tensorflow",
  };
  const value = { config: [config] };
  return modelsFromProto(create(ModelServerConfigSchema, { config: { case: "modelConfigList", value } }));
}
