import { type CodeName, messageOf, toServingError } from "../errors.js";
import type { Lease } from "../frontend.js";
import type { Host } from "../host.js";
import { createHolds } from "../lifecycle/holds.js";
import type { LoadPlan } from "../lifecycle/load.js";
import { silentTelemetry, TelemetryToken } from "../telemetry.js";
import type { Warmup, WarmupTarget } from "../warmup.js";
import { leaseOf } from "./lease.js";

/** The requests of `lease`, each counted as it is answered. */
function counting(lease: Lease, count: () => void): WarmupTarget {
  const counted = <T>(answer: Promise<T>): Promise<T> =>
    answer.then((result) => {
      count();
      return result;
    });
  return {
    signatures: lease.signatures,
    predict: (...request) => counted(lease.predict(...request)),
    classify: (...request) => counted(lease.classify(...request)),
    regress: (...request) => counted(lease.regress(...request)),
    multiInference: (...request) => counted(lease.multiInference(...request)),
  };
}

/**
 * Runs these warm-ups, one after the other, on versions that are not yet available. Their runs are no requests to the
 * telemetry; it hears of each warm-up that asked anything or failed.
 */
export function warmingUp(warmups: readonly Warmup[], host: Host): NonNullable<LoadPlan["warm"]> {
  return async (servable, local, signal) => {
    const { model, version, path } = local;
    const telemetry = host.get(TelemetryToken);
    const holds = createHolds();
    const onInternalError = (_model: string, _version: bigint, error: unknown) =>
      host.log.error({ version: String(version), error }, `a warm-up request failed inside: ${messageOf(error)}`);
    const lease = leaseOf(
      model,
      { version, servable, hold: holds.hold },
      { onInternalError, telemetry: silentTelemetry },
    );
    try {
      for (const warmup of warmups) {
        const start = host.clock.now();
        let records = 0;
        const ended = (code: CodeName) =>
          telemetry.warmedUp({ model, version, path, records, code, milliseconds: host.clock.now() - start });
        try {
          const target = counting(lease, () => {
            records++;
          });
          await warmup.run(target, local, signal);
          if (records > 0) ended("OK");
        } catch (error) {
          ended(toServingError(error).code);
          throw error;
        }
      }
    } finally {
      lease[Symbol.dispose]();
      // What was asked may run on although its asker has gone; until then the version cannot be disposed.
      await holds.idle();
    }
  };
}
