import { createTexts, type LoadedConfig, loadConfig } from "../core/index.js";
import { builtins } from "../plugins/index.js";

/** One for the process: what it has read before need not come again. */
export const texts = createTexts(builtins);

/** `loadConfig`, also from places that URLs name. */
export const readConfig = (target?: string, signal?: AbortSignal): Promise<LoadedConfig> =>
  loadConfig(target, texts, signal);
