import { type Command, InvalidArgumentError } from "commander";
import { createServer, duration, type LoadedConfig, loadConfig, messageOf, systemClock } from "../../core/index.js";
import { builtins, threads } from "../../plugins/index.js";
import { lastConfigs } from "../last-config.js";
import { logSettingsOf } from "../log-settings.js";
import { createLogger } from "../logger.js";
import { curlLines } from "../output/curl-lines.js";
import { downloadProgress } from "../output/download-progress.js";
import { readyTable } from "../output/ready-table.js";
import { readConfig, texts } from "../read-config.js";
import { stopOnSignal } from "../stop-on-signal.js";
import { surviveStrayFailures } from "../survive.js";
import { withFlags } from "../tensorflow-model-server/with-flags.js";
import { watchConfig } from "./watch-config.js";

const help = `
Examples:
  $ salver serve                                   the config found from here upwards
  $ salver serve examples/quickstart               the config in that folder
  $ salver serve models.yaml --log-level debug
  $ salver serve models.yaml --watch-config 5s     models can be added, changed and dropped in a running server
  $ salver serve s3://models/salver.yaml --watch-config 1m
  $ salver serve models.yaml --io-threads 8        eight threads take requests, and run one copy of each model
  $ salver serve models.yaml --port=9000 --model_name=extra --model_base_path=/models/extra

The flags of tensorflow_model_server (tensorflow_model_server --help) are taken as well, as --name=value; they win over
the config.

Stopping: SIGTERM or SIGINT turns /readyz to 503, refuses new connections, finishes what is under way (at most
shutdown.timeout, default 30s), unloads the models and leaves with 0. A second signal leaves at once with 1.
A config that is an URL is kept in the user's cache folder once it is in use; a start at which its place is away takes
that one, and warns.
Exit codes: 0 stopped, 1 could not start, 2 the config is wrong.`;

export function serveCommand(program: Command): void {
  program
    .command("serve")
    .description("serve the models of a config file")
    .argument("[config]", "config file, the folder it is in, or its URL (s3://, https://)")
    .allowUnknownOption()
    .allowExcessArguments()
    .option("--log-level <level>", "debug, info, warn or error; wins over the config")
    .option("--log-format <format>", "text or json; wins over the config")
    .option(
      "--io-threads <n>",
      "threads that take and answer requests behind the same ports; wins over the config",
      count,
    )
    .option(
      "--watch-config <time>",
      "read the config again so often, e.g. 5s, and serve the models it names then",
      time,
    )
    .addHelpText("after", help)
    .action(serve);
}

type Flags = {
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly watchConfig?: number;
  readonly ioThreads?: number;
};

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number of threads such as 4.");
}

function time(text: string): number {
  const parsed = duration().safeParse(text);
  if (!parsed.success || parsed.data === 0) throw new InvalidArgumentError("Expected a time such as 5s.");
  return parsed.data;
}

async function serve(_config: string | undefined, flags: Flags, { args }: Command): Promise<void> {
  const last = lastConfigs();
  const standIns: string[] = [];
  const firstTexts = last.standingIn(texts, (message) => standIns.push(message));
  const { loaded: read, completeModels } = await withFlags(args, (target) => loadConfig(target, firstTexts));
  const loaded = withThreads(read, flags.ioThreads);
  const downloads = downloadProgress(process.stderr);
  const log = downloads.around(createLogger(logSettingsOf(loaded, flags)));
  for (const message of standIns) log.warn({}, message);
  const told = { plugins: builtins, threads, log, completeModels, downloads: downloads.listener };
  const server = await createServer(loaded, told);
  server.events.subscribe(({ model, version, state }) => {
    log.info({ model, version: String(version), state }, `${model} ${version} is ${state}`);
  });

  surviveStrayFailures(server, log);
  const stopped = stopOnSignal(server, (signal) => log.info({ signal }, "stopping: finishing what is under way"));
  const addresses = await server.start();
  for (const { protocol, host, port } of addresses) {
    log.info({ protocol, host, port }, `${protocol} listens on ${host}:${port}`);
  }
  await server.settled;
  const rest = addresses.find((address) => address.protocol === "rest");
  const text = [
    readyTable(server.versions(), addresses),
    // With TLS the lines would need certificates that only the operator knows.
    ...(rest && !rest.secure ? curlLines(server, rest.port) : []),
    `ready ${process.uptime().toFixed(2)} s after the process started`,
  ].join("\n");
  process.stdout.write(`${text}\n`);
  const keep = (config: LoadedConfig) =>
    last.keep(config).catch((error: unknown) => {
      log.warn({ error }, `${config.file} could not be kept for a start without its place: ${messageOf(error)}`);
    });
  await keep(loaded);
  const watching = new AbortController();
  const { watchConfig: every } = flags;
  const again = async (signal: AbortSignal) =>
    withThreads((await withFlags(args, readConfig, signal)).loaded, flags.ioThreads);
  const house = { log, clock: systemClock, signal: watching.signal, applied: keep };
  const watched = every === undefined ? undefined : watchConfig(server, again, loaded, every, house);
  await stopped;
  watching.abort();
  await watched;
}

/** What is no object is left for the config's own check to refuse. */
function withThreads(loaded: LoadedConfig, ioThreads: number | undefined): LoadedConfig {
  if (ioThreads === undefined || typeof loaded.raw !== "object" || loaded.raw === null) return loaded;
  return { ...loaded, raw: { ...loaded.raw, ioThreads } };
}
