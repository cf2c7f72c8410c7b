import { unimplemented } from "../../core/index.js";
import { batchingFromProto } from "../../protos/batching-parameters.js";
import type { SessionBundleConfig } from "../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import { type Batching, perModelFile } from "./batching-file.js";
import { type ModelSettings, sessionOptions, warmupOf } from "./model-settings.js";

/**
 * What a platform config says of the models of TensorFlow. What it leaves out is as TensorFlow Serving has it there:
 * without `enable_model_warmup` nothing is warmed up, without `batching_parameters` nothing is batched.
 * @throws ServingError for what this server cannot do
 */
export function settingsOfSession(file: string, session: SessionBundleConfig): ModelSettings {
  const refused = {
    session_target: session.sessionTarget !== "",
    experimental_fixed_input_tensors: session.experimentalFixedInputTensors.length > 0,
  };
  for (const [name, given] of Object.entries(refused)) {
    if (given) throw unimplemented(`${file}: ${name} is not supported in a platform config; leave it out`);
  }
  const { sessionConfig, modelWarmupOptions: warmups, savedModelTags } = session;
  return {
    warmup: warmupOf(session.enableModelWarmup, warmups?.numRequestIterations, warmups?.numModelWarmupThreads),
    batching: batchingOfSession(session),
    savedmodel: {
      ...sessionOptions({
        tags: savedModelTags.length > 0 ? savedModelTags : ["serve"],
        intraOpThreads: sessionConfig?.intraOpParallelismThreads,
        interOpThreads: sessionConfig?.interOpParallelismThreads,
        gpuMemoryFraction: sessionConfig?.gpuOptions?.perProcessGpuMemoryFraction,
      }),
      ...(session.enableSavedModelConfig && { savedModelConfig: true }),
    },
  };
}

/** Sessions that ignore threading parameters are not batched either, as in TensorFlow Serving. */
function batchingOfSession(session: SessionBundleConfig): Batching {
  const { batchingParameters: parameters, enablePerModelBatchingParams, wrapSessionWithNoThreadingParams } = session;
  if (parameters === undefined || wrapSessionWithNoThreadingParams) return false;
  return {
    type: "shared",
    ...batchingFromProto(parameters),
    ...(enablePerModelBatchingParams && { perModelFile }),
  };
}

/** The fields that are set although they have no effect here: they concern TensorFlow's own inside. */
export function sessionWithoutEffect(session: SessionBundleConfig): readonly string[] {
  const set: Readonly<Record<string, unknown>> = {
    session_run_load_threadpool_index: session.sessionRunLoadThreadpoolIndex !== undefined,
    experimental_transient_ram_bytes_during_load: session.experimentalTransientRamBytesDuringLoad,
    enable_session_metadata: session.enableSessionMetadata,
    remove_unused_fields_from_bundle_metagraph: session.removeUnusedFieldsFromBundleMetagraph,
    prefer_tflite_model: session.preferTfliteModel,
    num_tflite_interpreters: session.numTfliteInterpreters,
    num_tflite_interpreters_per_pool: session.numTfliteInterpretersPerPool,
    num_tflite_pools: session.numTflitePools,
    resource_estimation_uses_validation_result: session.resourceEstimationUsesValidationResult,
    mixed_precision: session.mixedPrecision,
    "model_warmup_options.enable_all_batch_sizes_warmup": session.modelWarmupOptions?.enableAllBatchSizesWarmup,
  };
  return Object.keys(set).filter((name) => set[name]);
}
