import type { ServingError } from "../errors.js";
import type { FindModel, Links } from "../links.js";
import type { Entry } from "./entry.js";
import { type LiveVersion, routeTo } from "./live-version.js";
import { findRoute, type ModelRoutes, modelRoutes, type RoutingTable, sameRoutes } from "./routing-table.js";
import type { Unit } from "./unit.js";

export type Publication = {
  readonly routes: RoutingTable;
  /** Versions that call other models, and do not fit those that `routes` reaches. */
  readonly misfits: ReadonlyMap<LiveVersion, ServingError>;
  /** What was loaded and is held back, for it would leave this model without any version that fits. */
  readonly heldBack: ReadonlyMap<Unit, Loss>;
};
type Trial = Pick<Publication, "routes" | "misfits">;
/** A model that would be lost, and why. */
export type Loss = { readonly model: string; readonly misfit: ServingError };

const isReady = (live: LiveVersion | undefined): live is LiveVersion => live?.phase === "ready";
const linksOf = ({ loaded }: LiveVersion): Links | undefined => loaded?.links;

/** What links see of a table. */
export const finderIn =
  (routes: RoutingTable): FindModel =>
  (spec) => {
    const route = findRoute(routes, spec);
    return route && { version: route.version, signatures: route.servable.signatures };
  };

/** The versions that all members have loaded. */
function complete({ members }: Unit): readonly bigint[] {
  const [first, ...others] = members;
  const ready = [...(first?.live.values() ?? [])].filter(isReady).map(({ version }) => version);
  return ready.filter((version) => others.every(({ live }) => isReady(live.get(version))));
}

const isFresh = ({ members }: Unit, version: bigint) => members.some(({ live }) => !live.get(version)?.published);
const hasFresh = (unit: Unit) => complete(unit).some((version) => isFresh(unit, version));
const isLinked = ({ members }: Unit) => members.some(({ live }) => [...live.values()].some(linksOf));

/**
 * What a unit would publish: the versions that are complete, and nothing beside them; while there are none, what its
 * members published before they came to it.
 */
function candidates(unit: Unit, fresh: boolean): ReadonlyMap<Entry, readonly LiveVersion[]> {
  const shown = complete(unit).filter((version) => fresh || !isFresh(unit, version));
  const may = ({ version, published }: LiveVersion) => (shown.length > 0 ? shown.includes(version) : published);
  return new Map(
    unit.members.map((entry) => [entry, [...entry.live.values()].filter((live) => isReady(live) && may(live))]),
  );
}

/** The table when the units in `fresh` publish what they have come to, and the others what they do already. */
function tried(units: readonly Unit[], fresh: ReadonlySet<Unit>, before: RoutingTable): Trial {
  const shown = units.map((unit) => [unit, candidates(unit, fresh.has(unit))] as const);
  const misfits = new Map<LiveVersion, ServingError>();

  function routesOf({ model }: Entry, lives: readonly LiveVersion[], labels: ReadonlyMap<string, bigint>): ModelRoutes {
    const routes = lives.flatMap((live) =>
      live.loaded && !misfits.has(live) ? [routeTo(live.version, live.loaded)] : [],
    );
    const made = modelRoutes(routes, model.labels, labels);
    const old = before.get(model.name);
    return old && sameRoutes(old, made) ? old : made;
  }

  function table(): RoutingTable {
    const all = new Map<string, ModelRoutes>();
    for (const [{ members }, byMember] of shown) {
      // A model that is new to its group has its labels where the others have them.
      const labels = new Map(members.flatMap(({ model }) => [...(before.get(model.name)?.labels ?? [])]));
      for (const [entry, lives] of byMember) {
        const routes = routesOf(entry, lives, labels);
        if (!entry.removed || routes.versions.size > 0) all.set(entry.model.name, routes);
      }
    }
    return all;
  }

  const linked = shown.flatMap(([, byMember]) => [...byMember.values()].flat().filter(linksOf));
  let routes = table();
  // What does not fit cannot be called either, so that others may not fit without it.
  for (let found = linked.length; found > 0; ) {
    const find = finderIn(routes);
    const known = misfits.size;
    for (const live of linked) {
      const misfit = misfits.has(live) ? undefined : linksOf(live)?.misfit(find);
      if (misfit) misfits.set(live, misfit);
    }
    found = misfits.size - known;
    if (found > 0) routes = table();
  }
  return { routes, misfits };
}

/** A model of linked versions that can be reached in one table and not in the other. */
function lossBetween(base: Trial, trial: Trial, linked: readonly Unit[]): Loss | undefined {
  for (const { model, live } of linked.flatMap(({ members }) => members)) {
    if (!base.routes.get(model.name)?.latest || trial.routes.get(model.name)?.latest) continue;
    const misfit = [...live.values()].flatMap((each) => trial.misfits.get(each) ?? [])[0];
    if (misfit) return { model: model.name, misfit };
  }
  return undefined;
}

/**
 * What requests can reach, from what is loaded. Pure.
 *
 * Laws: a group's versions are published when all members have loaded them, and from then on no others; a version that
 * calls other models is published while it fits those; what would leave such a model without any version that fits is
 * held back, unless it comes together with one that does.
 * @param before the table of now
 */
export function publication(units: readonly Unit[], before: RoutingTable): Publication {
  const linked = units.filter(isLinked);
  const all = tried(units, new Set(units), before);
  if (linked.length === 0) return { ...all, heldBack: new Map() };
  const accepted = new Set(units.filter((unit) => linked.includes(unit) || !hasFresh(unit)));
  let base = tried(units, accepted, before);
  if (!lossBetween(base, all, linked)) return { ...all, heldBack: new Map() };
  const heldBack = new Map<Unit, Loss>();
  for (const unit of units) {
    if (accepted.has(unit)) continue;
    const trial = tried(units, new Set([...accepted, unit]), before);
    const loss = lossBetween(base, trial, linked);
    if (loss) {
      heldBack.set(unit, loss);
      continue;
    }
    accepted.add(unit);
    base = trial;
  }
  return { ...base, heldBack };
}
