import { createRegistry } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { invalidArgument, type Plugin, unimplemented } from "../../core/index.js";
import {
  type PlatformConfig,
  PlatformConfigMapSchema,
} from "../../protos/gen/tensorflow_serving/config/platform_config_pb.js";
import { SavedModelBundleSourceAdapterConfigSchema } from "../../protos/gen/tensorflow_serving/servables/tensorflow/saved_model_bundle_source_adapter_pb.js";
import type { SessionBundleConfig } from "../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import { servableTypesOf } from "./check-platforms.js";
import type { GivenFlags } from "./flags.js";
import { readTextFile } from "./text-file.js";

const registry = createRegistry(SavedModelBundleSourceAdapterConfigSchema);

/**
 * The flags, with those about sessions replaced by what the file of `platform_config_file` says, as TensorFlow Serving
 * replaces them: what the file leaves out is as if it were not given, and without `enable_model_warmup` nothing is
 * warmed up. Of platforms other than `tensorflow` only the name may be there.
 * @throws ServingError for a mistake in the file, and for what this server cannot do
 */
export async function withPlatformConfig<F extends GivenFlags>(flags: F, plugins: readonly Plugin[]): Promise<F> {
  const file = flags.platform_config_file;
  if (!file) return flags;
  const { platformConfigs } = await readTextFile(PlatformConfigMapSchema, file, registry);
  const installed = servableTypesOf(plugins);
  for (const [platform, { sourceAdapterConfig }] of Object.entries(platformConfigs)) {
    if (platform === "tensorflow") continue;
    if (!installed.has(platform)) throw invalidArgument(`${file}: no plugin brings the platform ${platform}`);
    if (sourceAdapterConfig) {
      throw unimplemented(
        `${file}: ${platform} takes no source_adapter_config; leave it out, or use a config of salver`,
      );
    }
  }
  const { tensorflow } = platformConfigs;
  return tensorflow?.sourceAdapterConfig ? { ...flags, ...sessionFlags(file, tensorflow) } : flags;
}

function sessionFlags(file: string, { sourceAdapterConfig }: PlatformConfig): GivenFlags {
  const config = sourceAdapterConfig && anyUnpack(sourceAdapterConfig, SavedModelBundleSourceAdapterConfigSchema);
  if (!config) {
    throw invalidArgument(
      `${file}: source_adapter_config of tensorflow: expected ${SavedModelBundleSourceAdapterConfigSchema.typeName}, got ${sourceAdapterConfig?.typeUrl || "nothing"}`,
    );
  }
  const { legacyConfig: session } = config;
  if (!session) return { enable_model_warmup: false };
  refuseUnknown(file, session);
  const { sessionConfig } = session;
  return {
    enable_model_warmup: session.enableModelWarmup,
    num_request_iterations_for_warmup: session.modelWarmupOptions?.numRequestIterations ?? 0,
    saved_model_tags: session.savedModelTags.join(",") || "serve",
    tensorflow_session_parallelism: 0,
    tensorflow_intra_op_parallelism: sessionConfig?.intraOpParallelismThreads ?? 0,
    tensorflow_inter_op_parallelism: sessionConfig?.interOpParallelismThreads ?? 0,
    per_process_gpu_memory_fraction: sessionConfig?.gpuOptions?.perProcessGpuMemoryFraction ?? 0,
  };
}

function refuseUnknown(file: string, session: SessionBundleConfig): void {
  const refused = {
    session_target: session.sessionTarget !== "",
    batching_parameters: session.batchingParameters !== undefined,
    prefer_tflite_model: session.preferTfliteModel,
    enable_per_model_batching_params: session.enablePerModelBatchingParams,
    enable_saved_model_config: session.enableSavedModelConfig,
  };
  for (const [name, given] of Object.entries(refused)) {
    if (given) throw unimplemented(`${file}: ${name} is not supported in a platform config; leave it out`);
  }
}
