import type { Action, Snapshot, VersionPolicy } from "../../../core/index.js";

const byVersion = (a: Snapshot, b: Snapshot) => (a.version < b.version ? -1 : a.version > b.version ? 1 : 0);

function next(versions: readonly Snapshot[]): Action | undefined {
  const sorted = [...versions].sort(byVersion);
  const aspired = sorted.filter((each) => each.aspired);
  const leftover = sorted.filter((each) => !each.aspired && each.phase === "ready");

  // A leftover may go only when it is not the last one answering for a model that is still wanted.
  const spare = aspired.length === 0 || aspired.some((each) => each.phase === "ready") || leftover.length > 1;
  const lowest = leftover[0];
  if (spare && lowest) return { kind: "unload", version: lowest.version };

  const highest = aspired.findLast((each) => each.phase === "new");
  return highest && { kind: "load", version: highest.version };
}

/** Loads before it unloads: some version answers at any time, at the price of two in memory for a while. */
export const availabilityPreserving: VersionPolicy = { next };
