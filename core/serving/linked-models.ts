import { findRoute, type RoutingTable } from "../lifecycle/routing-table.js";
import type { Models } from "../models.js";
import { type LeaseHouse, leaseOf } from "./lease.js";

/** The models of `routes`, as other models call them. */
export function linkedModels(
  routes: () => RoutingTable,
  house: Pick<LeaseHouse, "onInternalError" | "telemetry" | "checkMethods">,
): Models {
  return {
    lease: (specs) => {
      const table = routes();
      return specs.map((spec) => {
        const route = findRoute(table, spec);
        return route && leaseOf(spec.name, route, { ...house, method: "Predict" });
      });
    },
  };
}
