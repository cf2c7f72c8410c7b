import { type Config, invalidArgument, notFound, unimplemented } from "../core/index.js";
import type { FileSystemStoragePathSourceConfig_ServableVersionPolicy as VersionPolicy } from "./gen/tensorflow_serving/config/file_system_storage_path_source_pb.js";
import type { LoggingConfig } from "./gen/tensorflow_serving/config/logging_config_pb.js";
import {
  type ModelConfig,
  type ModelServerConfig,
  ModelType,
} from "./gen/tensorflow_serving/config/model_server_config_pb.js";

type Models = Config["models"];
type Model = Models[string];

/** `tensorflow` is what TensorFlow Serving calls SavedModels; any other platform is the name of a servable type. */
const servableTypes: Readonly<Record<string, string>> = { tensorflow: "savedmodel" };

/** What TensorFlow Serving calls a servable type. */
export function platformFor(servableType: string): string {
  return Object.keys(servableTypes).find((platform) => servableTypes[platform] === servableType) ?? servableType;
}

/**
 * The `models` of a Salver config, from TensorFlow Serving's own message. Checks in TensorFlow Serving's order and
 * with its texts; what a servable type or a source can do is for the config's own checks.
 * @throws ServingError INVALID_ARGUMENT for what TensorFlow Serving refuses, UNIMPLEMENTED for what only Salver does
 */
export function modelsFromProto({ config }: ModelServerConfig): Models {
  if (config.case === "customModelConfig") {
    throw unimplemented("custom_model_config needs code inside the server; list the models in model_config_list");
  }
  const list = config.value?.config ?? [];
  const names = new Set<string>();
  for (const { name } of list) {
    if (names.has(name)) throw invalidArgument(`Illegal to list model ${name} multiple times in config list`);
    names.add(name);
  }
  const paths = list.map(pathOf);
  return Object.fromEntries(list.map((model, i) => [model.name, modelOf(model, paths[i] ?? "")]));
}

function modelOf(config: ModelConfig, path: string): Model {
  const platform = platformOf(config);
  return {
    // TensorFlow Serving takes a version as it finds it when it polls: a watch would see a copy that has just begun.
    source: { type: "filesystem", path, settle: "0s", watch: false },
    servable: { type: Object.hasOwn(servableTypes, platform) ? servableTypes[platform]! : platform },
    versions: versionsOf(config.name, config.modelVersionPolicy),
    labels: labelsOf(config),
    ...(config.loggingConfig && { requestLog: requestLogOf(config.name, config.loggingConfig) }),
  };
}

/** TensorFlow Serving's error for a `log_collector_config.type` of which it knows nothing. */
export const unknownLogCollector = (type: string) => notFound(`Cannot find LogCollector::Factory for type: ${type}`);

/** TFRecord files unless the collector's type names another request log. */
function requestLogOf(name: string, { logCollectorConfig, samplingConfig, customLoggingConfig }: LoggingConfig) {
  if (customLoggingConfig || (samplingConfig?.perTaskSamplingConfigs.length ?? 0) > 0) {
    throw unimplemented(`Model ${name}: of logging_config, log_collector_config and sampling_rate are known here`);
  }
  const samplingRate = samplingConfig?.samplingRate ?? 0;
  if (!(samplingRate >= 0 && samplingRate <= 1)) {
    throw invalidArgument(`Model ${name}: sampling_rate must be from 0 to 1; got ${samplingRate}`);
  }
  return {
    type: logCollectorConfig?.type || "tfrecord",
    samplingRate,
    prefix: logCollectorConfig?.filenamePrefix ?? "",
  };
}

function pathOf({ name, basePath }: ModelConfig): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(basePath)?.[1]?.toLowerCase();
  if (scheme === "file") return basePath.slice("file://".length).replace(/^[^/]*/, "");
  if (scheme !== undefined) {
    throw unimplemented(`Model ${name}: no source for ${scheme}:// is installed; got base_path()=${basePath}`);
  }
  if (!basePath.startsWith("/")) {
    throw invalidArgument(`Expected model ${name} to have an absolute path or URI; got base_path()=${basePath}`);
  }
  return basePath;
}

function platformOf({ name, modelType, modelPlatform }: ModelConfig): string {
  if (modelType !== ModelType.MODEL_TYPE_UNSPECIFIED && modelPlatform !== "") {
    throw invalidArgument(
      "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform.",
    );
  }
  if (modelPlatform !== "") return modelPlatform;
  if (modelType === ModelType.TENSORFLOW) return "tensorflow";
  if (modelType !== ModelType.MODEL_TYPE_UNSPECIFIED) {
    throw invalidArgument(`ModelServerConfig::model_type choice ${modelType} not supported.`);
  }
  throw invalidArgument(
    `Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is ${name}.`,
  );
}

function versionsOf(name: string, policy: VersionPolicy | undefined): Model["versions"] {
  const choice = policy?.policyChoice;
  switch (choice?.case) {
    case "all":
      return "all";
    case "specific":
      return choice.value.versions.map((version) => versionOf(name, version));
    default:
      return { latest: Math.max(1, choice?.value?.numVersions ?? 1) };
  }
}

function labelsOf({ name, versionLabels }: ModelConfig): Model["labels"] {
  return Object.fromEntries(Object.entries(versionLabels).map(([label, version]) => [label, versionOf(name, version)]));
}

/** As digits: a version is an int64, which a config's numbers do not hold. */
function versionOf(name: string, version: bigint): string {
  if (version < 0n) throw invalidArgument(`Model ${name}: versions are not negative; got ${version}`);
  return String(version);
}
