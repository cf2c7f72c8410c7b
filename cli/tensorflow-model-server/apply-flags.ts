import { availableParallelism } from "node:os";
import type { Config } from "../../core/index.js";
import { type FlagFiles, noFiles } from "./flag-files.js";
import type { GivenFlags } from "./flags.js";
import { completeModels } from "./model-flags.js";

type Models = Config["models"];
type Component = { readonly type: string } & Readonly<Record<string, unknown>>;
type Reference = string | Component;

/** As `salver serve` has it when its config names no transports. */
const usualTransports: readonly Reference[] = ["grpc", "rest"];

/**
 * What TensorFlow Serving's flags come upon: no limit but protobuf's own, every failed load tried again, and none of
 * what only Salver serves.
 */
export const bareConfig: Config = {
  models: {},
  loading: { retryOn: "any" },
  transports: [
    { type: "grpc", maxMessageSize: "2147483647B", reflection: false },
    { type: "rest", maxBodySize: "2147483647B", metricsPath: false },
  ],
};

/**
 * A config with flags put over it: a flag that is absent changes nothing. `models` are those that the flags name, and
 * `files` is what the files of other flags say.
 */
export function applyFlags(base: Config, flags: GivenFlags, models: Models, files = noFiles): Config {
  const loading = present({
    concurrency: flags.num_load_threads === 0 ? 4 * availableParallelism() : flags.num_load_threads,
    retries: flags.max_num_load_retries,
    retryInterval: micros(flags.load_retry_interval_micros),
    labels: labelRule(flags.allow_version_labels_for_unavailable_models),
  });
  return {
    ...base,
    models: completeModels({ ...base.models, ...models }, flags, files),
    transports: transportsOf((base.transports ?? usualTransports) as readonly Reference[], flags, files),
    loading: { ...base.loading, ...loading },
    signatures: { ...base.signatures, ...present({ checkMethods: flags.enable_signature_method_name_check }) },
  };
}

function transportsOf(transports: readonly Reference[], flags: GivenFlags, files: FlagFiles): Component[] {
  const grpc = present({
    ...files.grpc,
    port: flags.port === 0 && flags.grpc_socket_path ? false : flags.port,
    socketPath: flags.grpc_socket_path || undefined,
    channelArguments: channelArguments(flags.grpc_channel_arguments),
    health: flags.enable_grpc_healthcheck_service,
    tensorContent: flags.enable_serialization_as_tensor_content,
  });
  const rest = present({
    ...files.rest,
    port: flags.rest_api_port,
    timeout: flags.rest_api_timeout_in_ms === undefined ? undefined : `${flags.rest_api_timeout_in_ms}ms`,
    cors: flags.rest_api_enable_cors_support,
  });
  const patches: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { grpc, rest };
  const listed = transports.map((each) => (typeof each === "string" ? { type: each } : each));
  const missing = Object.keys(patches).filter(
    (type) => (patches[type]?.port || patches[type]?.socketPath) && !listed.some((each) => each.type === type),
  );
  return [...listed, ...missing.map((type) => ({ type }))]
    .filter(({ type }) => patches[type]?.port !== 0)
    .map((each) => ({ ...each, ...patches[each.type] }));
}

/** `k=v,k=v`; what reads as an integer is one. */
function channelArguments(text: string | undefined): Record<string, string | number> | undefined {
  const pairs = text?.split(",").filter((pair) => pair.includes("="));
  if (!pairs || pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      const value = pair.slice(at + 1);
      return [pair.slice(0, at), /^-?\d{1,15}$/.test(value) ? Number(value) : value];
    }),
  );
}

function micros(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${Math.max(0, value)}us`;
}

function labelRule(allowed: boolean | undefined): "move-to-available" | "available" | undefined {
  if (allowed === undefined) return undefined;
  return allowed ? "move-to-available" : "available";
}

/** Without what is undefined: a flag that is not given leaves the config's own value. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
