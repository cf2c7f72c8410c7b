import type { Command } from "commander";
import { stringify } from "yaml";
import { prepareConfig } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { printable } from "../output/printable-config.js";
import { readConfig } from "../read-config.js";

export function printConfigCommand(program: Command): void {
  program
    .command("print-config")
    .description("print the config with every default filled in")
    .argument("[config]", "config file, or the folder it is in")
    .option("--json", "as JSON instead of YAML")
    .action(async (target: string | undefined, { json }: { json?: boolean }) => {
      const loaded = await readConfig(target);
      const { config } = await prepareConfig(loaded, builtins);
      const out = printable(config, (loaded.raw as { plugins?: unknown }).plugins);
      process.stdout.write(json ? `${JSON.stringify(out, null, 2)}\n` : stringify(out));
    });
}
