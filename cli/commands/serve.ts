import { Command } from "commander";
import { createServer, loadConfig, type Server } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { logSettingsOf } from "../log-settings.js";
import { createLogger } from "../logger.js";
import { curlLines } from "../output/curl-lines.js";
import { readyTable } from "../output/ready-table.js";

const help = `
Examples:
  $ salver serve                                   the config found from here upwards
  $ salver serve examples/quickstart               the config in that folder
  $ salver serve models.yaml --log-level debug

Stopping: SIGTERM or SIGINT turns /readyz to 503, refuses new connections, finishes what is under way (at most
shutdown.timeout, default 30s), unloads the models and leaves with 0. A second signal leaves at once with 1.
Exit codes: 0 stopped, 1 could not start, 2 the config is wrong.`;

export function serveCommand(): Command {
  return new Command("serve")
    .description("serve the models of a config file")
    .argument("[config]", "config file, or the folder it is in")
    .option("--log-level <level>", "debug, info, warn or error; wins over the config")
    .option("--log-format <format>", "text or json; wins over the config")
    .addHelpText("after", help)
    .action(serve);
}

async function serve(target: string | undefined, flags: { logLevel?: string; logFormat?: string }): Promise<void> {
  const loaded = await loadConfig(target);
  const log = createLogger(logSettingsOf(loaded, flags));
  const server = await createServer(loaded, { plugins: builtins, log });
  server.events.subscribe(({ model, version, state }) => {
    log.info({ model, version: String(version), state }, `${model} ${version} is ${state}`);
  });

  const stopped = stopOnSignal(server, (signal) => log.info({ signal }, "stopping: finishing what is under way"));
  const addresses = await server.start();
  for (const { protocol, host, port } of addresses) {
    log.info({ protocol, host, port }, `${protocol} listens on ${host}:${port}`);
  }
  await server.settled;
  const rest = addresses.find((address) => address.protocol === "rest");
  const text = [
    readyTable(server.versions(), addresses),
    ...(rest ? curlLines(server, rest.port) : []),
    `ready ${process.uptime().toFixed(2)} s after the process started`,
  ].join("\n");
  process.stdout.write(`${text}\n`);
  await stopped;
}

/** Resolves when a signal has come and the server has stopped. */
function stopOnSignal(server: Server, onSignal: (signal: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const stop = (signal: string) => {
      if (asked) process.exit(1);
      asked = true;
      onSignal(signal);
      server.stop().then(resolve, reject);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
