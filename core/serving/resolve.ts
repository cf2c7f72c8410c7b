import { invalidArgument, notFound } from "../errors.js";
import type { ModelSpec } from "../frontend.js";
import type { Route, RoutingTable } from "../lifecycle/routing-table.js";

/**
 * The version a request means. The texts are TensorFlow Serving's: readiness probes look for them.
 * @throws NOT_FOUND for a model or version that is not available, INVALID_ARGUMENT for an unknown label
 */
export function resolve(routes: RoutingTable, spec: ModelSpec): Route {
  const model = routes.get(spec.name);
  const version = spec.version ?? labelled(model?.labels, spec.label);
  const route = version === undefined ? model?.latest : model?.versions.get(version);
  if (route) return route;
  const wanted = version === undefined ? `Latest(${spec.name})` : `Specific(${spec.name}, ${version})`;
  throw notFound(`Servable not found for request: ${wanted}`);
}

function labelled(labels: ReadonlyMap<string, bigint> | undefined, label: string | undefined): bigint | undefined {
  if (label === undefined) return undefined;
  const version = labels?.get(label);
  if (version === undefined) throw invalidArgument(`Unrecognized servable version label: ${label}`);
  return version;
}
