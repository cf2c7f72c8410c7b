import { token } from "./container.js";
import type { Lease, ModelSpec } from "./frontend.js";

/** The models of the server, for a servable that calls them. */
export interface Models {
  /**
   * A version of each, in the order of `specs`, all from one moment: they go together, as `Links.misfit` was asked. Nothing
   * stands in the place of one that cannot be reached. The caller disposes them. Their runs are runs to the telemetry,
   * but no requests.
   */
  lease(specs: readonly ModelSpec[]): readonly (Lease | undefined)[];
}

export const ModelsToken = token<Models>("Models");
