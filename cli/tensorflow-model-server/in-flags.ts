import type { Config, ConfigError } from "../../core/index.js";
import { inBatchingProto } from "../../protos/batching-parameters.js";

const ofGrpc: Readonly<Record<string, string>> = {
  port: "--port",
  socketPath: "--grpc_socket_path",
  channelArguments: "--grpc_channel_arguments",
  tls: "--ssl_config_file",
};
const ofRest: Readonly<Record<string, string>> = {
  port: "--rest_api_port",
  timeout: "--rest_api_timeout_in_ms",
  metricsPath: "--monitoring_config_file, prometheus_config.path",
};
const ofModel: Readonly<Record<string, string>> = {
  "source.path": "base_path",
  "source.poll": "--file_system_poll_wait_seconds",
  "servable.tags": "--saved_model_tags",
  "servable.onnxruntime": "--tensorflow_session_parallelism",
  "servable.libtensorflow": "--tensorflow_session_parallelism",
  "requestLog.prefix": "log_collector_config.filename_prefix",
  "requestLog.samplingRate": "sampling_config.sampling_rate",
  batching: "--batching_parameters_file",
  labels: "version_labels",
  versions: "model_version_policy",
  warmup: "--num_request_iterations_for_warmup",
};
const ofLoading: Readonly<Record<string, string>> = {
  concurrency: "--num_load_threads",
  retries: "--max_num_load_retries",
  retryInterval: "--load_retry_interval_micros",
};

/** What is wrong with a config that flags alone have made, by the names of the flags and of the fields in their files. */
export function inFlags({ problems }: ConfigError, config: Config): string {
  return problems
    .map(({ path, message }) => {
      const [part, ...rest] = path.map(String);
      const text = rest[1] === "batching" ? inBatchingProto(message) : message;
      return `${originOf(part, rest, config) ?? path.join(".")}: ${text}`;
    })
    .join("\n");
}

function originOf(part: string | undefined, [which = "", ...rest]: readonly string[], config: Config) {
  if (part === "loading") return ofLoading[which];
  if (part === "transports") {
    const transport = config.transports?.[Number(which)];
    const type = typeof transport === "object" ? transport.type : transport;
    return (type === "rest" ? ofRest : ofGrpc)[rest[0] ?? ""];
  }
  const origin = ofModel[rest.slice(0, 2).join(".")] ?? ofModel[rest[0] ?? ""];
  return part === "models" ? `model ${which}${origin === undefined ? "" : `, ${origin}`}` : undefined;
}
