import type { GivenFlags } from "./flags.js";

/**
 * The flags that TensorFlow Serving's container image gives its server, from the image's variables. They come before
 * the command line's own, which win one by one.
 */
export function flagsFromEnvironment({ MODEL_NAME, MODEL_BASE_PATH }: NodeJS.ProcessEnv): GivenFlags {
  if (!MODEL_NAME && !MODEL_BASE_PATH) return {};
  const name = MODEL_NAME || "model";
  return { model_name: name, model_base_path: `${MODEL_BASE_PATH || "/models"}/${name}` };
}
