import { type Config, ConfigError, isConfigError, type LoadedConfig, messageOf } from "../../core/index.js";
import { builtins } from "../../plugins/index.js";
import { applyFlags } from "./apply-flags.js";
import { checkValues } from "./check-flags.js";
import { readFlagFiles } from "./flag-files.js";
import { completeModels } from "./model-flags.js";
import { modelsOf } from "./models-of.js";
import { parseFlags } from "./parse-flags.js";
import { detailOf } from "./text-file.js";

export type Flagged = {
  readonly loaded: LoadedConfig;
  readonly completeModels: (models: Config["models"]) => Config["models"];
};

/**
 * A config with TensorFlow Serving's flags put over it. `args` are a config's path and flags, in any order; only flags
 * that are there change anything.
 * @throws ConfigError also for flags
 */
export async function withFlags(
  args: readonly string[],
  load: (target?: string, signal?: AbortSignal) => Promise<LoadedConfig>,
  signal?: AbortSignal,
): Promise<Flagged> {
  const paths = args.filter((each) => !each.startsWith("-"));
  if (paths.length > 1) throw mistake(`one config at most, got ${paths.join(" and ")}`);
  const given = inFlags(() =>
    parseFlags(
      args.filter((each) => each.startsWith("-")),
      ["log-level", "log-format", "watch-config", "io-threads", "help"],
    ),
  );
  const loaded = await load(paths[0], signal);
  if (Object.keys(given).length === 0) return { loaded, completeModels: (models) => models };
  inFlags(() => checkValues(given));
  const models = await modelsOf(given, signal).catch(asMistake);
  const files = await readFlagFiles(given, builtins, signal).catch(asMistake);
  // What is no object is left for the config's own check to refuse.
  const isObject = typeof loaded.raw === "object" && loaded.raw !== null;
  const raw = isObject ? inFlags(() => applyFlags(loaded.raw as Config, given, models, files)) : loaded.raw;
  return { loaded: { ...loaded, raw }, completeModels: (reloaded) => completeModels(reloaded, given, files) };
}

function inFlags<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return asMistake(error);
  }
}

function asMistake(error: unknown): never {
  if (isConfigError(error)) throw error;
  throw mistake(detailOf(error) ?? messageOf(error));
}

const mistake = (message: string) => new ConfigError([{ path: [], message }], "command line");
