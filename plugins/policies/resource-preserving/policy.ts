import type { Action, Phase, Snapshot, VersionPolicy } from "../../../core/index.js";

const byVersion = (a: Snapshot, b: Snapshot) => (a.version < b.version ? -1 : a.version > b.version ? 1 : 0);

/** Phases in which a version takes memory, or is about to. */
const holding: ReadonlySet<Phase> = new Set<Phase>(["loading", "ready", "unloading"]);

function next(versions: readonly Snapshot[]): Action | undefined {
  const sorted = [...versions].sort(byVersion);
  const leftover = sorted.filter((each) => !each.aspired && holding.has(each.phase));

  const lowest = leftover.find((each) => each.phase === "ready");
  if (lowest) return { kind: "unload", version: lowest.version };
  if (leftover.length > 0) return undefined;

  const highest = sorted.findLast((each) => each.aspired && each.phase === "new");
  return highest && { kind: "load", version: highest.version };
}

/** Unloads before it loads: never more in memory than is wanted, at the price of a gap in which nothing answers. */
export const resourcePreserving: VersionPolicy = { next };
