import { invalidArgument, unimplemented } from "../../core/index.js";
import { defaults, type Flag, type FlagName, type FlagValues, flags } from "./flags.js";

const counts: readonly FlagName[] = [
  "rest_api_timeout_in_ms",
  "max_num_load_retries",
  "num_load_threads",
  "file_system_poll_wait_seconds",
  "model_config_file_poll_wait_seconds",
  "tensorflow_session_parallelism",
  "tensorflow_intra_op_parallelism",
  "tensorflow_inter_op_parallelism",
];

/**
 * What TensorFlow Serving checks before it starts, in its order and with its texts, and what only this server refuses.
 * @throws ServingError
 */
export function checkFlags(values: FlagValues): void {
  if (values.port === 0 && values.grpc_socket_path === "") {
    throw invalidArgument("At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.");
  }
  if (values.model_base_path === "" && values.model_config_file === "") {
    throw invalidArgument("Both server_options.model_base_path and server_options.model_config_file are empty!");
  }
  // With a platform config the flags about batching are not looked at.
  if (values.batching_parameters_file !== "" && !values.enable_batching && values.platform_config_file === "") {
    throw invalidArgument(
      "server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
    );
  }
  // Below 0 no folder is ever looked at; `run.ts` sees to that.
  checkValues({ ...values, file_system_poll_wait_seconds: Math.max(0, values.file_system_poll_wait_seconds) });
}

/** The checks of single values, for a command line that may leave out what a config file says. @throws ServingError */
export function checkValues(values: Partial<FlagValues>): void {
  for (const flag of flags as readonly Flag[]) {
    const value = values[flag.name as FlagName];
    if (flag.effect === "unsupported" && value !== undefined && value !== flag.default) {
      throw unimplemented(`--${flag.name} (${flag.meaning}) is not supported by this server; start it without`);
    }
  }
  for (const name of ["port", "rest_api_port"] as const) {
    const port = values[name] ?? 0;
    if (port < 0 || port > 65535) throw invalidArgument(`--${name}: expected a port from 0 to 65535, got ${port}`);
  }
  for (const name of counts) {
    if (Number(values[name] ?? 0) < 0) throw invalidArgument(`--${name}: must not be below 0, got ${values[name]}`);
  }
  const share = values.per_process_gpu_memory_fraction ?? 0;
  if (share < 0 || share > 1) {
    throw invalidArgument(`--per_process_gpu_memory_fraction: expected a share from 0 to 1, got ${share}`);
  }
  const { tensorflow_session_parallelism: both, tensorflow_intra_op_parallelism: intra } = values;
  if (both && intra && values.tensorflow_inter_op_parallelism) {
    throw invalidArgument(
      "--tensorflow_session_parallelism excludes --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism together",
    );
  }
}

/** The flags that were given another value than their default although they have no effect here. */
export function withoutEffect(values: Partial<FlagValues>): readonly string[] {
  return (flags as readonly Flag[])
    .filter(({ name, effect }) => effect === "none" && differs(values, name as FlagName))
    .map(({ name }) => `--${name}`);
}

const differs = (values: Partial<FlagValues>, name: FlagName) =>
  values[name] !== undefined && values[name] !== defaults[name];
