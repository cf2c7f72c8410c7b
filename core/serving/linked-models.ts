import { findRoute, type Route, type RoutingTable } from "../lifecycle/routing-table.js";
import type { Models } from "../models.js";
import { type LeaseHouse, leaseOf } from "./lease.js";

type House = Pick<LeaseHouse, "onInternalError" | "telemetry" | "checkMethods">;

/** The models of the table of each moment, as other models call them. */
export function linkedModels(routes: () => RoutingTable, house: House): Models {
  let last: { readonly table: RoutingTable; readonly models: Models } | undefined;
  return {
    lease: (specs) => {
      const table = routes();
      if (last?.table !== table) last = { table, models: modelsOf(table, house) };
      return last.models.lease(specs);
    },
  };
}

/** The models of one table. What calls others calls those of the same table, and who holds it holds these too. */
function modelsOf(table: RoutingTable, house: House): Models {
  const models: Models = {
    lease: (specs) =>
      specs.map((spec) => {
        const route = findRoute(table, spec);
        return route && leaseOf(spec.name, within(route), { ...house, method: "Predict" });
      }),
  };

  function within(route: Route): Route {
    const { links } = route.servable;
    if (!links) return route;
    return { ...route, servable: { ...route.servable, ...links.within(models) }, hold: () => holdAll(route) };
  }

  function holdAll(route: Route): () => void {
    const called = (route.servable.links?.specs ?? []).flatMap((spec) => findRoute(table, spec) ?? []);
    const releases = [route.hold(), ...called.map(holdAll)];
    return () => {
      for (const release of releases) release();
    };
  }

  return models;
}
