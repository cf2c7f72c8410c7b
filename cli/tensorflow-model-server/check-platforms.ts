import { type Config, invalidArgument, type Plugin } from "../../core/index.js";
import { platformFor } from "../../protos/model-config.js";

/** @throws ServingError with TensorFlow Serving's text when a model names a platform that is not among these */
export function checkPlatforms(models: Config["models"], platforms: ReadonlySet<string>): void {
  for (const [name, { servable }] of Object.entries(models)) {
    const type = typeof servable === "string" ? servable : servable?.type;
    if (type !== undefined && !platforms.has(platformFor(type))) {
      throw invalidArgument(`Model ${name} requests unsupported platform ${platformFor(type)}`);
    }
  }
}

/** The platforms that plugins bring: their servable types, as TensorFlow Serving calls these. */
export function platformsOf(plugins: readonly Plugin[]): ReadonlySet<string> {
  const factories = plugins.flatMap((plugin) => plugin.factories);
  return new Set<string>(factories.filter(({ kind }) => kind === "servable").map(({ type }) => platformFor(type)));
}
