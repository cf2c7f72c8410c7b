import {
  type Config,
  createServer,
  invalidArgument,
  isConfigError,
  isServingError,
  type Logger,
  messageOf,
  pollConfig,
  type Server,
  systemClock,
} from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { createLogger } from "../logger.js";
import { packageVersion } from "../package-version.js";
import { stopOnSignal } from "../stop-on-signal.js";
import { surviveStrayFailures } from "../survive.js";
import { applyFlags, bareConfig } from "./apply-flags.js";
import { checkFlags, withoutEffect } from "./check-flags.js";
import { checkLogCollectors } from "./check-log-collectors.js";
import { checkPlatforms, platformsOf } from "./check-platforms.js";
import { flagsFromEnvironment } from "./environment.js";
import { firstLoads } from "./first-loads.js";
import { readFlagFiles } from "./flag-files.js";
import { defaults, type FlagValues } from "./flags.js";
import { inFlags } from "./in-flags.js";
import { completeModels } from "./model-flags.js";
import { modelsOf } from "./models-of.js";
import { parseFlags, UsageError } from "./parse-flags.js";
import { detailOf } from "./text-file.js";
import { usage } from "./usage.js";

type Models = Config["models"];

/** What TensorFlow Serving leaves with whenever it does not serve. */
const failure = 255;

/** The command `tensorflow_model_server`: leaves with 0 after `--version` or a signal, else with 255. */
export async function main(
  [, command = "", ...args]: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  try {
    if (args.includes("--help")) throw new UsageError("");
    const values = { ...defaults, ...flagsFromEnvironment(environment), ...parseFlags(args) };
    if (values.version) process.stdout.write(versionText());
    else await serve(values);
  } catch (error) {
    process.exitCode = failure;
    if (error instanceof UsageError) showUsage(command, error);
    else showFailure(error);
  }
}

async function serve(values: FlagValues): Promise<void> {
  checkFlags(values);
  const models = await readModels(values);
  const files = await readFlagFiles(values, builtins);
  const log = createLogger({ level: "info" });
  const idle = [...withoutEffect(values), ...(files.platforms?.withoutEffect ?? [])];
  if (idle.length > 0) log.warn({ flags: idle }, `without effect on this server: ${idle.join(", ")}`);
  const samePorts = values.rest_api_port !== 0 && values.rest_api_port === values.port;
  if (samePorts) log.error({ port: values.port }, "rest_api_port is the port of gRPC: REST is not opened");
  const flags = samePorts ? { ...values, rest_api_port: 0 } : values;

  const config: Config = applyFlags(bareConfig, flags, models, files);
  const server = await createServer(config, {
    plugins: builtins,
    log,
    completeModels: (reloaded) => completeModels(reloaded, flags, files),
  }).catch((error: unknown) => {
    throw isConfigError(error) ? invalidArgument(inFlags(error, config), error) : error;
  });
  server.events.subscribe(({ model, version, state }) => {
    log.info({ model, version: String(version), state }, `${model} ${version} is ${state}`);
  });
  surviveStrayFailures(server, log);
  const stopped = stopOnSignal(server, (signal) => log.info({ signal }, "stopping: finishing what is under way"));
  if (flags.file_system_poll_wait_seconds >= 0) await server.load();
  else log.warn({}, "file_system_poll_wait_seconds is below 0: no version is looked for, and nothing is ever served");
  const ready = await stayingAlive(Promise.race([opened(server, log), stopped.then(() => undefined)]));
  const polling = new AbortController();
  const polled = pollModels(server, flags, models, log, polling.signal);
  for (const { protocol, host, port } of ready ?? []) {
    // A socket of UNIX has no port.
    const at = port === 0 ? host : `${host}:${port}`;
    const text = protocol === "grpc" ? `Running gRPC ModelServer at ${at} ...` : `Exporting HTTP/REST API at:${at} ...`;
    log.info({ protocol, host, port }, text);
  }
  await stopped;
  polling.abort();
  await polled;
}

/** @throws ServingError also for what no plugin brings */
async function readModels(flags: FlagValues, signal?: AbortSignal): Promise<Models> {
  const models = await modelsOf(flags, signal);
  checkPlatforms(models, platformsOf(builtins));
  checkLogCollectors(models, builtins);
  return models;
}

/** Reads the model config file again and again, where the flags say so. */
async function pollModels(server: Server, flags: FlagValues, first: Models, log: Logger, signal: AbortSignal) {
  const { model_config_file: file, model_config_file_poll_wait_seconds: seconds } = flags;
  if (file === "" || seconds === 0) return;
  const read = (stopped: AbortSignal) =>
    readModels(flags, stopped).catch((error: unknown) => {
      throw new Error(detailOf(error) ?? messageOf(error), { cause: error });
    });
  const apply = (models: Models, overtaken: AbortSignal) =>
    server.reload(models, { signal: overtaken }).catch((error: Error) => {
      throw isConfigError(error.cause) ? invalidArgument(inFlags(error.cause, { models }), error) : error;
    });
  await pollConfig(read, apply, seconds * 1000, log, signal, systemClock, first);
}

/** TensorFlow Serving's order: nothing listens before the first models are loaded, and one that fails ends it all. */
async function opened(server: Server, log: Logger) {
  try {
    await firstLoads(server, log);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.listen();
}

/** A promise that nothing works on, such as a version that may never come, lets the process end; this keeps it. */
async function stayingAlive<T>(waiting: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30);
  return waiting.finally(() => clearInterval(timer));
}

function versionText(): string {
  return `TensorFlow ModelServer: ${packageVersion()}\nTensorFlow Library: none built in (a libtensorflow that is installed runs what ONNX Runtime cannot)\n`;
}

function showUsage(command: string, { message }: UsageError): void {
  process.stdout.write(usage(command));
  if (message !== "") process.stderr.write(`${message}\n`);
}

function showFailure(error: unknown): void {
  const detail = detailOf(error);
  if (detail !== undefined) process.stderr.write(`${detail}\n`);
  const code = isServingError(error) ? error.code : "UNKNOWN";
  process.stdout.write(`Failed to start server. Error: ${code}: ${messageOf(error)}\n`);
}
