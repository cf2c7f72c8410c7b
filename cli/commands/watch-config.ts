import { isDeepStrictEqual } from "node:util";
import { type Clock, type Config, type LoadedConfig, type Logger, pollConfig, type Server } from "../../core/index.js";

type Models = Config["models"];

export type WatchHouse = {
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called with each config whose models are served from now on. */
  readonly applied?: (config: LoadedConfig) => Promise<void>;
};

/**
 * Reads a config again every `every` ms until `signal` aborts, and serves the models that it names then. The rest of
 * it is for the next start.
 */
export async function watchConfig(
  server: Pick<Server, "reload">,
  read: (signal: AbortSignal) => Promise<LoadedConfig>,
  first: LoadedConfig,
  every: number,
  house: WatchHouse,
): Promise<void> {
  let from = first;
  const sayRest = restSayer(first, house.log);
  const readModels = async (signal: AbortSignal) => {
    from = await read(signal);
    sayRest(from);
    return modelsIn(from);
  };
  const apply = async (models: Models, signal: AbortSignal) => {
    const applying = from;
    await server.reload(models, { from: applying, signal });
    await house.applied?.(applying);
  };
  await pollConfig(readModels, apply, every, house.log, house.signal, house.clock, modelsIn(first));
}

/** What they are, the reload checks; a config without any is refused there. */
const modelsIn = ({ raw }: LoadedConfig): Models => ((raw ?? {}) as { readonly models: Models }).models;

/** A program makes its plugins anew each time it is run: they are compared by their names. */
const nameOf = (plugin: unknown): unknown => (plugin as { readonly name?: unknown } | null)?.name ?? plugin;

function settingsIn({ raw }: LoadedConfig): Readonly<Record<string, unknown>> {
  if (typeof raw !== "object" || raw === null) return {};
  const { models: _, plugins, ...settings } = raw as Record<string, unknown>;
  return { ...settings, plugins: Array.isArray(plugins) ? plugins.map(nameOf) : plugins };
}

/** Says of each change to the keys that a running server cannot take over which of them wait for its next start. */
function restSayer(first: LoadedConfig, log: Logger): (now: LoadedConfig) => void {
  const inEffect = settingsIn(first);
  let said = inEffect;
  return (now) => {
    const settings = settingsIn(now);
    if (isDeepStrictEqual(settings, said)) return;
    said = settings;
    const keys = [...new Set([...Object.keys(inEffect), ...Object.keys(settings)])];
    const other = keys.filter((key) => !isDeepStrictEqual(inEffect[key], settings[key]));
    if (other.length === 0) return;
    const names = other.join(", ");
    log.warn(
      { keys: names },
      `${now.file}: what has changed in ${names} needs a restart: only models are taken over while the server runs`,
    );
  };
}
