import type { GivenFlags } from "./flags.js";

/**
 * The flags that TensorFlow Serving's container image gives its server, from the image's variables: the model, and
 * both ports. They come before the command line's own, which win one by one.
 */
export function flagsFromEnvironment({ MODEL_NAME, MODEL_BASE_PATH }: NodeJS.ProcessEnv): GivenFlags {
  if (!MODEL_NAME && !MODEL_BASE_PATH) return {};
  const name = MODEL_NAME || "model";
  return {
    port: 8500,
    rest_api_port: 8501,
    model_name: name,
    model_base_path: `${MODEL_BASE_PATH || "/models"}/${name}`,
  };
}
