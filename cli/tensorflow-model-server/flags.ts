import { availableParallelism } from "node:os";

type Value = {
  readonly int: number;
  readonly int64: number;
  readonly float: number;
  readonly bool: boolean;
  readonly string: string;
};
export type FlagType = keyof Value;

/**
 * What a flag does here: `used` as TensorFlow Serving does; `none`, accepted and logged, because it concerns
 * TensorFlow Serving's own inside; `unsupported`, refused at the start wherever it is given another value.
 */
export type FlagEffect = "used" | "none" | "unsupported";

export type Flag = {
  readonly name: string;
  readonly type: FlagType;
  readonly default: number | boolean | string;
  readonly effect: FlagEffect;
  readonly meaning: string;
};

const cpus = availableParallelism();

/** Every flag of TensorFlow Serving's command, with its default. */
export const flags = [
  { name: "port", type: "int", default: 8500, effect: "used", meaning: "TCP port of gRPC; 0 opens none" },
  {
    name: "grpc_socket_path",
    type: "string",
    default: "",
    effect: "used",
    meaning: "UNIX socket on which gRPC listens as well",
  },
  { name: "rest_api_port", type: "int", default: 0, effect: "used", meaning: "TCP port of REST; 0 opens none" },
  { name: "rest_api_num_threads", type: "int", default: 4 * cpus, effect: "none", meaning: "threads of REST" },
  {
    name: "rest_api_timeout_in_ms",
    type: "int",
    default: 30_000,
    effect: "used",
    meaning: "time for one REST request, in milliseconds",
  },
  {
    name: "rest_api_enable_cors_support",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "whether pages of other origins may call REST",
  },
  {
    name: "enable_batching",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "whether requests are grouped",
  },
  {
    name: "batching_parameters_file",
    type: "string",
    default: "",
    effect: "used",
    meaning: "text BatchingParameters; needs enable_batching",
  },
  {
    name: "enable_per_model_batching_parameters",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "batches only versions with a batching_params.pbtxt in their folder, by that file",
  },
  {
    name: "allow_version_labels_for_unavailable_models",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "whether a label may name a version that is not loaded yet",
  },
  {
    name: "model_config_file",
    type: "string",
    default: "",
    effect: "used",
    meaning: "text ModelServerConfig; wins over model_name and model_base_path",
  },
  {
    name: "model_config_file_poll_wait_seconds",
    type: "int",
    default: 0,
    effect: "used",
    meaning: "seconds between two looks at model_config_file; 0 looks once",
  },
  { name: "model_name", type: "string", default: "default", effect: "used", meaning: "name of the only model" },
  {
    name: "model_base_path",
    type: "string",
    default: "",
    effect: "used",
    meaning: "folder of the only model, with one numeric folder a version",
  },
  {
    name: "num_load_threads",
    type: "int",
    default: 0,
    effect: "used",
    meaning: "loads under way at once; 0 means four for each CPU",
  },
  { name: "num_unload_threads", type: "int", default: 0, effect: "none", meaning: "unloads under way at once" },
  {
    name: "max_num_load_retries",
    type: "int",
    default: 5,
    effect: "used",
    meaning: "attempts to load after the first",
  },
  {
    name: "load_retry_interval_micros",
    type: "int64",
    default: 60_000_000,
    effect: "used",
    meaning: "microseconds between two attempts; below 0 means none",
  },
  {
    name: "file_system_poll_wait_seconds",
    type: "int",
    default: 1,
    effect: "used",
    meaning: "seconds between two looks for versions; 0 looks at the start only, below 0 never",
  },
  { name: "flush_filesystem_caches", type: "bool", default: true, effect: "none", meaning: "drops caches after loads" },
  {
    name: "enable_model_warmup",
    type: "bool",
    default: true,
    effect: "used",
    meaning: "whether assets.extra/tf_serving_warmup_requests is replayed before a version serves",
  },
  {
    name: "num_request_iterations_for_warmup",
    type: "int",
    default: 0,
    effect: "used",
    meaning: "how often each warm-up request is replayed, when above 0",
  },
  {
    name: "monitoring_config_file",
    type: "string",
    default: "",
    effect: "used",
    meaning: "text MonitoringConfig",
  },
  {
    name: "ssl_config_file",
    type: "string",
    default: "",
    effect: "used",
    meaning: "text SSLConfig, for gRPC",
  },
  {
    name: "use_alts_credentials",
    type: "bool",
    default: false,
    effect: "unsupported",
    meaning: "Google's transport security for gRPC",
  },
  {
    name: "platform_config_file",
    type: "string",
    default: "",
    effect: "used",
    meaning: "text PlatformConfigMap",
  },
  {
    name: "saved_model_tags",
    type: "string",
    default: "serve",
    effect: "used",
    meaning: "comma-separated tags of the graph to serve out of a SavedModel",
  },
  {
    name: "grpc_channel_arguments",
    type: "string",
    default: "",
    effect: "used",
    meaning: "comma-separated k=v for gRPC's own library",
  },
  { name: "grpc_max_threads", type: "int", default: 4 * cpus, effect: "none", meaning: "threads of gRPC" },
  {
    name: "enable_signature_method_name_check",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "whether a signature's method_name must fit the call",
  },
  {
    name: "enable_grpc_healthcheck_service",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "serves grpc.health.v1.Health",
  },
  {
    name: "enable_serialization_as_tensor_content",
    type: "bool",
    default: false,
    effect: "used",
    meaning: "Predict over gRPC answers in tensor_content",
  },
  { name: "version", type: "bool", default: false, effect: "used", meaning: "prints the versions and leaves" },
  {
    name: "tensorflow_session_parallelism",
    type: "int64",
    default: 0,
    effect: "used",
    meaning: "threads of a SavedModel's run, inside an operation and beside each other; 0 leaves the default",
  },
  {
    name: "tensorflow_intra_op_parallelism",
    type: "int64",
    default: 0,
    effect: "used",
    meaning: "threads inside one operation; 0 leaves the default",
  },
  {
    name: "tensorflow_inter_op_parallelism",
    type: "int64",
    default: 0,
    effect: "used",
    meaning: "operations that run beside each other; 0 leaves the default",
  },
  {
    name: "tensorflow_session_config_file",
    type: "string",
    default: "",
    effect: "none",
    meaning: "text tensorflow.ConfigProto",
  },
  {
    name: "per_process_gpu_memory_fraction",
    type: "float",
    default: 0,
    effect: "used",
    meaning: "share of each GPU's memory for libtensorflow; 0 leaves the default",
  },
  { name: "enable_profiler", type: "bool", default: true, effect: "none", meaning: "serves TensorFlow's profiler" },
  {
    name: "remove_unused_fields_from_bundle_metagraph",
    type: "bool",
    default: true,
    effect: "none",
    meaning: "keeps less of a model's description in memory",
  },
  { name: "prefer_tflite_model", type: "bool", default: false, effect: "none", meaning: "prefers model.tflite" },
  { name: "num_tflite_pools", type: "int", default: cpus, effect: "none", meaning: "pools of TFLite interpreters" },
  {
    name: "num_tflite_interpreters_per_pool",
    type: "int",
    default: 1,
    effect: "none",
    meaning: "TFLite interpreters in a pool",
  },
  { name: "xla_cpu_compilation_enabled", type: "bool", default: false, effect: "none", meaning: "XLA on CPUs" },
  { name: "xla_gpu_compilation_enabled", type: "bool", default: false, effect: "none", meaning: "XLA on GPUs" },
  {
    name: "thread_pool_factory_config_file",
    type: "string",
    default: "",
    effect: "none",
    meaning: "text ThreadPoolFactoryConfig",
  },
  { name: "mixed_precision", type: "string", default: "", effect: "none", meaning: "bfloat16, or nothing" },
  { name: "skip_initialize_tpu", type: "bool", default: false, effect: "none", meaning: "leaves TPUs alone" },
] as const satisfies readonly Flag[];

type Known = (typeof flags)[number];
export type FlagName = Known["name"];

/** A value for every flag. */
export type FlagValues = { readonly [F in Known as F["name"]]: Value[F["type"]] };
/** The flags that the command line has. */
export type GivenFlags = Partial<FlagValues>;

export const defaults = Object.fromEntries(flags.map((flag) => [flag.name, flag.default])) as FlagValues;
