import { failedPrecondition, notFound, resourceExhausted } from "../errors.js";
import type { Frontend, ModelSpec, Readiness, VersionStatus } from "../frontend.js";
import type { Manager } from "../lifecycle/manager.js";
import { findRoute } from "../lifecycle/routing-table.js";
import { silentTelemetry, type Telemetry } from "../telemetry.js";
import type { BatchLog } from "./batch-log.js";
import { batchesOf } from "./batches.js";
import { leaseOf, type OnInternalError } from "./lease.js";
import type { RefusalCount } from "./refusals.js";
import type { RequestLogging } from "./request-logging.js";
import { resolve } from "./resolve.js";

export type FrontendParts = {
  readonly manager: Pick<Manager, "routes" | "status">;
  readonly models: () => readonly string[];
  readonly readiness: () => Readiness;
  readonly batches: Pick<BatchLog, "of">;
  readonly refusals: Pick<RefusalCount, "of">;
  /** Whether a model's config groups its requests. */
  readonly batched: (model: string) => boolean;
  readonly reload: Frontend["reload"];
  /** Requests that may be under way at once. */
  readonly maxInFlight: number;
  /** Whether a signature's method must be that of the request. */
  readonly checkMethods?: boolean;
  readonly onInternalError: OnInternalError;
  readonly telemetry?: Telemetry;
  /** How a model's requests are logged, if they are. */
  readonly requests?: (model: string) => Pick<RequestLogging, "sample"> | undefined;
};

export function createFrontend(parts: FrontendParts): Frontend {
  const { manager, models, readiness, reload, maxInFlight, onInternalError, telemetry = silentTelemetry } = parts;
  const { checkMethods = false } = parts;
  let inFlight = 0;
  const onRelease = () => {
    inFlight--;
  };

  /** @throws NOT_FOUND */
  function status(spec: ModelSpec): readonly VersionStatus[] {
    const all = manager.status(spec.name);
    if (spec.version === undefined) return all;
    const one = all.filter(({ version }) => version === spec.version);
    if (one.length === 0) throw notFound(`Could not find version ${spec.version} of model ${spec.name}`);
    return one;
  }

  return {
    lease: (spec, event) => {
      if (event) event.model = spec.name;
      if (inFlight >= maxInFlight) {
        throw resourceExhausted(`${inFlight} requests are under way, the limit (limits.inFlight) is ${maxInFlight}`);
      }
      const route = resolve(manager.routes, spec);
      const lease = leaseOf(spec.name, route, { onInternalError, telemetry, checkMethods, event, onRelease });
      inFlight++;
      return parts.requests?.(spec.name)?.sample(lease) ?? lease;
    },
    status,
    batches: (spec) => {
      const { name, label } = spec;
      const version = label === undefined ? spec.version : resolve(manager.routes, spec).version;
      const versions = status(version === undefined ? { name } : { name, version });
      if (parts.batched(name)) {
        return batchesOf(parts.batches, name, version, versions, manager.routes.get(name)?.versions);
      }
      const called = findRoute(manager.routes, { name })?.servable.links?.specs.map((spec) => spec.name);
      throw failedPrecondition(
        called
          ? `the model "${name}" is never batched: requests are grouped for the models that it calls, ${[...new Set(called)].join(", ")}`
          : `the model "${name}" is not batched; with "batching: {}" in its config it would be`,
      );
    },
    refusals: (spec) => {
      const { name, label } = spec;
      return parts.refusals.of(name, label === undefined ? spec.version : resolve(manager.routes, spec).version);
    },
    models,
    readiness,
    reload,
  };
}
