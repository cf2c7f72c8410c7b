import type { Frontend, ModelSpec } from "../../../core/index.js";

/**
 * The states of a model's versions as TensorFlow Serving's status reply. A label does not choose among them.
 * @throws NOT_FOUND
 */
export function status(frontend: Frontend, { name, version }: ModelSpec) {
  const versions = frontend.status(version === undefined ? { name } : { name, version });
  return {
    model_version_status: versions.map((each) => ({
      version: String(each.version),
      state: each.state,
      status: { error_code: each.code, error_message: each.message },
    })),
  };
}
