import type { RoutingTable } from "../lifecycle/routing-table.js";
import type { Thread } from "./thread-pool.js";

/**
 * The routing table that each thread goes by. What calls other models runs in the main thread, for a thread's request,
 * over the table that the request was let in by: so its versions stay until the thread has heard of others.
 */
export interface SeenTables {
  of(thread: Thread): RoutingTable;
  /** @param heard settles when the thread goes by the table, or has ended */
  tell(thread: Thread, table: RoutingTable, heard: Promise<unknown>): void;
}

export function createSeenTables(): SeenTables {
  const seen = new WeakMap<Thread, RoutingTable>();
  const told = new WeakMap<Thread, RoutingTable>();
  const none: RoutingTable = new Map();
  return {
    of: (thread) => seen.get(thread) ?? none,
    tell: (thread, table, heard) => {
      const releases = holdLeaving(told.get(thread) ?? none, table);
      told.set(thread, table);
      const done = () => {
        seen.set(thread, table);
        for (const release of releases) release();
      };
      heard.then(done, done);
    },
  };
}

/** Holds what the next table has no more; returns what ends that. */
function holdLeaving(table: RoutingTable, next: RoutingTable): readonly (() => void)[] {
  return [...table].flatMap(([name, routes]) =>
    next.get(name) === routes ? [] : [...routes.versions.values()].map((route) => route.hold()),
  );
}
