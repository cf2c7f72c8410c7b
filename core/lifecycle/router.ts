import { applyPublication, type Change } from "./apply-publication.js";
import type { Entry } from "./entry.js";
import type { LiveVersion } from "./live-version.js";
import type { ManagerHouse } from "./manager-house.js";
import { finderIn, publication } from "./publication.js";
import { type RoutingTable, sameTable } from "./routing-table.js";
import { isSettled } from "./settled.js";
import { unitsOf } from "./unit.js";

/** Holds the routing table. */
export interface Router {
  readonly table: RoutingTable;
  /** Replaces the table, once for all that has changed, and lets everybody know. */
  refresh(): void;
}

export function createRouter(
  entries: ReadonlyMap<string, Entry>,
  { log, onReroute }: Pick<ManagerHouse, "log" | "onReroute">,
  publish: (entry: Entry, live: LiveVersion) => void,
): Router {
  let table: RoutingTable = new Map();
  const settled = (name: string) => isSettled(name, entries);

  function replace(): readonly Change[] {
    const units = unitsOf(entries.values());
    const published = publication(units, table);
    if (!sameTable(table, published.routes)) table = published.routes;
    const changes = applyPublication(units, published, settled);
    const find = finderIn(table);
    for (const { live } of entries.values()) {
      for (const { published, loaded } of live.values()) if (published) loaded?.links?.bind(find);
    }
    return changes;
  }

  function refresh(): void {
    const before = table;
    const changes: Change[] = [];
    for (let again = true; again; ) {
      const latest = replace();
      changes.push(...latest);
      // What calls others has signatures once it is bound; what calls that in turn can only be judged then.
      again = latest.some(({ live, kind }) => kind === "published" && live.loaded?.links);
    }
    if (table !== before) onReroute?.();
    for (const { entry, live, kind } of changes) {
      if (live.code !== "OK") complain(entry, live, kind);
      publish(entry, live);
    }
  }

  function complain({ model: { name } }: Entry, { version, code, message }: LiveVersion, kind: Change["kind"]): void {
    const what = kind === "withdrawn" ? "cannot be reached any more" : "is loaded and cannot be reached";
    log.error({ model: name, version: String(version), code }, `version ${version} of ${name} ${what}: ${message}`);
  }

  return {
    get table() {
      return table;
    },
    refresh,
  };
}
