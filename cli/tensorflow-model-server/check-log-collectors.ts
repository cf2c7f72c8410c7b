import type { Config, Plugin } from "../../core/index.js";
import { unknownLogCollector } from "../../protos/model-config.js";

/** @throws ServingError NOT_FOUND with TensorFlow Serving's text when a model's log goes to what no plugin brings */
export function checkLogCollectors(models: Config["models"], plugins: readonly Plugin[]): void {
  const factories = plugins.flatMap((plugin) => plugin.factories);
  for (const { requestLog } of Object.values(models)) {
    if (!requestLog) continue;
    const { type } = requestLog;
    if (!factories.some((factory) => factory.kind === "request-log" && factory.type === type)) {
      throw unknownLogCollector(type);
    }
  }
}
