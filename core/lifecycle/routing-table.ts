import type { ModelSpec } from "../frontend.js";
import type { Servable } from "../servable.js";

/** A version that can be reached. Only its hold count ever changes. */
export interface Route {
  readonly version: bigint;
  readonly servable: Servable;
  /** Whether a batcher is around it. */
  readonly wrapped: boolean;
  /** One more request depends on the version. Returns the function that ends that; calling it twice is harmless. */
  hold(): () => void;
}

export type ModelRoutes = {
  readonly versions: ReadonlyMap<bigint, Route>;
  /** The highest version, if any is reachable. */
  readonly latest: Route | undefined;
  readonly labels: ReadonlyMap<string, bigint>;
};

/** All that the data plane reads of the control plane: immutable, replaced whole at each change. */
export type RoutingTable = ReadonlyMap<string, ModelRoutes>;

/**
 * @param labels where they are to point
 * @param before where they have pointed so far: a label moves when the version that it moves to can be reached, and
 * stays where it is until then, so that its requests are answered throughout
 */
export function modelRoutes(
  routes: readonly Route[],
  labels: ReadonlyMap<string, bigint>,
  before: ReadonlyMap<string, bigint> = new Map(),
): ModelRoutes {
  const versions = new Map(routes.map((route) => [route.version, route]));
  const latest = routes.reduce<Route | undefined>((a, b) => (a && a.version > b.version ? a : b), undefined);
  const placed = [...labels].map(([label, wanted]): [string, bigint] => {
    const held = before.get(label);
    return [label, held !== undefined && versions.has(held) && !versions.has(wanted) ? held : wanted];
  });
  return { versions, latest, labels: new Map(placed) };
}

/** Whether one may stand for the other: the same versions, reached the same way. */
export function sameRoutes(a: ModelRoutes, b: ModelRoutes): boolean {
  if (a.versions.size !== b.versions.size || a.labels.size !== b.labels.size) return false;
  const route = (version: bigint, { servable, hold }: Route) => {
    const other = b.versions.get(version);
    return other?.servable === servable && other.hold === hold;
  };
  return (
    [...a.versions].every(([version, each]) => route(version, each)) &&
    [...a.labels].every(([label, version]) => b.labels.get(label) === version)
  );
}

export function sameTable(a: RoutingTable, b: RoutingTable): boolean {
  return a.size === b.size && [...a].every(([name, routes]) => b.get(name) === routes);
}

/** The version that a request means, if it can be reached. */
export function findRoute(routes: RoutingTable, { name, version, label }: ModelSpec): Route | undefined {
  const model = routes.get(name);
  const wanted = version ?? (label === undefined ? undefined : model?.labels.get(label));
  if (wanted !== undefined) return model?.versions.get(wanted);
  return label === undefined ? model?.latest : undefined;
}
