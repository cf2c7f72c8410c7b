import { ConfigError, type LoadedConfig } from "../core/index.js";
import type { LogSettings } from "./logger.js";

const levels = ["debug", "info", "warn", "error"] as const;
const formats = ["text", "json"] as const;

/** The logger is made before the config is checked, so that the check can log: flags first, then the config's own. */
export function logSettingsOf(
  { raw, file }: LoadedConfig,
  flags: { readonly logLevel?: string; readonly logFormat?: string },
): LogSettings {
  const said = (raw as { log?: { level?: unknown; format?: unknown } } | null)?.log;
  const problems: { path: string[]; message: string }[] = [];
  const flag = <T extends string>(name: string, value: string | undefined, known: readonly T[]): T | undefined => {
    const found = known.find((item) => item === value);
    if (value !== undefined && !found)
      problems.push({ path: [name], message: `expected ${known.join(", ")}, got "${value}"` });
    return found;
  };
  const level = flag("--log-level", flags.logLevel, levels) ?? levels.find((item) => item === said?.level) ?? "info";
  const format = flag("--log-format", flags.logFormat, formats) ?? formats.find((item) => item === said?.format);
  if (problems.length > 0) throw new ConfigError(problems, file);
  return { level, format };
}
