import { availableParallelism } from "node:os";
import { type Batcher, failedPrecondition, type Host, TelemetryToken } from "../../../core/index.js";
import type { SharedBatcherOptions } from "./options.js";
import { perModelOptions } from "./per-model.js";
import { sharedPool } from "./pools.js";
import { problemsOf, rulesOf } from "./rules.js";
import { batched } from "./servable.js";

export function sharedBatcher(host: Host, options: SharedBatcherOptions): Batcher {
  const telemetry = host.get(TelemetryToken);
  const pool = sharedPool(options.pool, options.threads ?? availableParallelism());
  return {
    async wrap(inner, { model, version, path }) {
      const chosen = options.perModelFile === undefined ? options : await perModelOptions(options, path);
      if (!chosen) {
        const text = `version ${version} is not batched: its folder has no ${options.perModelFile}`;
        host.log.info({ version: String(version), path }, text);
        return inner;
      }
      const [problem] = problemsOf(chosen);
      if (problem) throw failedPrecondition(problem.message);
      const origin = { pool: options.pool, model, version };
      return batched(inner, rulesOf(chosen), { pool, clock: host.clock, telemetry, origin });
    },
  };
}
