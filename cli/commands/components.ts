import type { Command } from "commander";
import { createRegistry, prepareConfig, type Registry } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { describeOptions } from "../output/describe-options.js";
import { readConfig } from "../read-config.js";

const kinds = ["servable", "source", "policy", "batcher", "warmup", "request-log", "transport"] as const;

export function componentsCommand(program: Command): void {
  program
    .command("components")
    .description("list every installed component with its options")
    .argument("[config]", "list the components of this config's plugins too")
    .option("--json", "as JSON")
    .action(async (target: string | undefined, { json }: { json?: boolean }) => {
      const registry =
        target === undefined
          ? createRegistry(builtins)
          : (await prepareConfig(await readConfig(target), builtins)).registry;
      process.stdout.write(json ? `${JSON.stringify(asData(registry), null, 2)}\n` : asText(registry));
    });
}

function asData(registry: Registry): unknown {
  return kinds.flatMap((kind) =>
    registry.list(kind).map(({ type, stability, description, options, example }) => ({
      kind,
      type,
      stability,
      description,
      example,
      options: describeOptions(options),
    })),
  );
}

function asText(registry: Registry): string {
  const lines: string[] = [];
  for (const kind of kinds) {
    const factories = registry.list(kind);
    if (factories.length === 0) continue;
    lines.push(`${kind}`, "");
    for (const { type, stability, description, options } of factories) {
      lines.push(`  ${type} (${stability})  ${description}`);
      const described = describeOptions(options);
      const width = Math.max(0, ...described.map(({ name, kind }) => name.length + kind.length + 2));
      for (const { name, kind, byDefault, description } of described) {
        const fallback = byDefault === undefined ? "" : ` Default: ${JSON.stringify(byDefault)}.`;
        lines.push(`      ${`${name}: ${kind}`.padEnd(width)}  ${description}${fallback}`.trimEnd());
      }
      lines.push("");
    }
  }
  return `${lines.join("\n")}\n`;
}
