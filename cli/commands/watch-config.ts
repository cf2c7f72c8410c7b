import { type Clock, type Config, type LoadedConfig, type Logger, pollConfig, type Server } from "../../core/index.js";

type Models = Config["models"];

/**
 * Reads a config again every `every` ms until `signal` aborts, and serves the models that it names then. The rest of
 * it is for the next start.
 */
export async function watchConfig(
  server: Pick<Server, "reload">,
  read: (signal: AbortSignal) => Promise<LoadedConfig>,
  first: LoadedConfig,
  every: number,
  house: { readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let from = first;
  const readModels = async (signal: AbortSignal) => {
    from = await read(signal);
    return modelsIn(from);
  };
  const apply = (models: Models, signal: AbortSignal) => server.reload(models, { from, signal });
  await pollConfig(readModels, apply, every, house.log, house.signal, house.clock, modelsIn(first));
}

/** What they are, the reload checks; a config without any is refused there. */
const modelsIn = ({ raw }: LoadedConfig): Models => ((raw ?? {}) as { readonly models: Models }).models;
