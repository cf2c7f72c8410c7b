import { type Config, invalidArgument, type Plugin } from "../../core/index.js";

/** @throws ServingError with TensorFlow Serving's text when a model names a platform that no plugin brings */
export function checkPlatforms(models: Config["models"], plugins: readonly Plugin[]): void {
  const installed = servableTypesOf(plugins);
  for (const [name, { servable }] of Object.entries(models)) {
    const type = typeof servable === "string" ? servable : servable?.type;
    if (type !== undefined && !installed.has(type)) {
      throw invalidArgument(`Model ${name} requests unsupported platform ${type}`);
    }
  }
}

export function servableTypesOf(plugins: readonly Plugin[]): ReadonlySet<string> {
  const factories = plugins.flatMap((plugin) => plugin.factories);
  return new Set<string>(factories.filter(({ kind }) => kind === "servable").map(({ type }) => type));
}
