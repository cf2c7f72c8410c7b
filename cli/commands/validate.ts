import type { Command } from "commander";
import { createServer } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { logSettingsOf } from "../log-settings.js";
import { createLogger } from "../logger.js";
import { readyTable } from "../output/ready-table.js";
import { readConfig } from "../read-config.js";

const help = `
Checks the config, then loads the versions that would be served, opens no port, and unloads them again.
Exit codes: 0 all well, 1 a model cannot be loaded, 2 the config is wrong.`;

export function validateCommand(program: Command): void {
  program
    .command("validate")
    .description("check a config and the models it names, without serving")
    .argument("[config]", "config file, or the folder it is in")
    .option("--config-only", "do not load the models")
    .addHelpText("after", help)
    .action(validate);
}

async function validate(target: string | undefined, { configOnly }: { configOnly?: boolean }): Promise<void> {
  const loaded = await readConfig(target);
  const log = createLogger({ ...logSettingsOf(loaded, {}), level: "silent", format: "text" });
  // Without transports nothing listens.
  const raw = { ...(loaded.raw as object), transports: [] };
  await createServer(loaded, { plugins: builtins, log });
  if (configOnly) {
    process.stdout.write(`${loaded.file} is well-formed\n`);
    return;
  }
  const server = await createServer({ ...loaded, raw }, { plugins: builtins, log });
  await server.start();
  await server.settled;
  const versions = server.versions();
  process.stdout.write(`${readyTable(versions, [])}\n`);
  const served = new Set(versions.flatMap(({ model, state }) => (state === "AVAILABLE" ? [model] : [])));
  const empty = server.frontend.models().filter((model) => !versions.some((version) => version.model === model));
  for (const model of empty) process.stdout.write(`✗ ${model} has no version to serve\n`);
  await server.stop();
  if (served.size < server.frontend.models().length || versions.some(({ code }) => code !== "OK")) process.exitCode = 1;
}
