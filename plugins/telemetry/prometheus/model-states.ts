import type { VersionEvent, VersionState } from "../../../core/index.js";
import { type ScalarFamily, scalars } from "./family.js";

/** Versions by model and state. One that has ended is not counted: why it ended is in the load metrics and the status. */
export function modelStates(): { readonly family: ScalarFamily; readonly update: (event: VersionEvent) => void } {
  const family = scalars("gauge", {
    name: "salver_models",
    help: "Versions of a model in a state.",
    labels: ["model", "state"],
  });
  const states = new Map<string, Map<bigint, VersionState>>();

  return {
    family,
    update: ({ model, version, state }) => {
      const versions = states.get(model) ?? new Map<bigint, VersionState>();
      states.set(model, versions);
      const before = versions.get(version);
      if (before !== undefined) family.cell(model, before).value--;
      if (state === "END") versions.delete(version);
      else {
        versions.set(version, state);
        family.cell(model, state).value++;
      }
    },
  };
}
