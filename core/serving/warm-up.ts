import { type CodeName, messageOf, toServingError } from "../errors.js";
import type { Lease } from "../frontend.js";
import type { Host } from "../host.js";
import { createHolds } from "../lifecycle/holds.js";
import type { LoadPlan } from "../lifecycle/load.js";
import type { MaybePromise } from "../pending.js";
import { type RequestMethod, TelemetryToken } from "../telemetry.js";
import type { Warmup, WarmupTarget } from "../warmup.js";
import { leaseOf } from "./lease.js";

/** A version's requests, each with a lease of its own as its clients' have, and counted as it is answered. */
function targetOf(lease: (method: RequestMethod) => Lease, signatures: Lease["signatures"], count: () => void) {
  async function asked<T>(method: RequestMethod, ask: (lease: Lease) => MaybePromise<T>): Promise<T> {
    using own = lease(method);
    const answer = await ask(own);
    count();
    return answer;
  }
  const target: WarmupTarget = {
    signatures,
    predict: (...request) => asked("Predict", (own) => own.predict(...request)),
    classify: (...request) => asked("Classify", (own) => own.classify(...request)),
    regress: (...request) => asked("Regress", (own) => own.regress(...request)),
    multiInference: (...request) => asked("MultiInference", (own) => own.multiInference(...request)),
  };
  return target;
}

/**
 * Runs these warm-ups, one after the other, on versions that are not yet available. Their runs are runs to the telemetry
 * as in TensorFlow Serving, but no requests; it hears of each warm-up that asked anything or failed.
 */
export function warmingUp(
  warmups: readonly Warmup[],
  host: Host,
  checkMethods: boolean,
): NonNullable<LoadPlan["warm"]> {
  return async (servable, local, signal) => {
    const { model, version, path } = local;
    const telemetry = host.get(TelemetryToken);
    const holds = createHolds();
    const route = { version, servable, wrapped: false, hold: holds.hold };
    const onInternalError = (_model: string, _version: bigint, error: unknown) =>
      host.log.error({ version: String(version), error }, `a warm-up request failed inside: ${messageOf(error)}`);
    const lease = (method: RequestMethod) =>
      leaseOf(model, route, { onInternalError, telemetry, checkMethods, method });
    try {
      for (const warmup of warmups) {
        const start = host.clock.now();
        let records = 0;
        const ended = (code: CodeName) =>
          telemetry.warmedUp({ model, version, path, records, code, milliseconds: host.clock.now() - start });
        try {
          const target = targetOf(lease, servable.signatures, () => {
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
      // What was asked may run on although its asker has gone; until then the version cannot be disposed.
      await holds.idle();
    }
  };
}
