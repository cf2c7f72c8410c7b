import type { Clock } from "../clock.js";
import type { Frontend, Readiness, VersionStatus } from "../frontend.js";
import type { EventBus } from "../lifecycle/events.js";
import type { ModelRoutes, RoutingTable } from "../lifecycle/routing-table.js";
import type { Rerouted, RoutesOf, ServerStatus, ThreadCalls, ThreadModel } from "./calls.js";
import type { SeenTables } from "./seen-tables.js";
import type { Thread } from "./thread-pool.js";

/** The control plane as the threads are to see it. */
export type Truth = {
  readonly routes: () => RoutingTable;
  /** @throws NOT_FOUND */
  readonly status: Frontend["status"];
  readonly models: () => readonly string[];
  readonly readiness: () => Readiness;
  /** Another list when something in it is another. */
  readonly configured: () => readonly ThreadModel[];
};

export type MirrorHouse = {
  readonly threads: ReadonlySet<Thread>;
  readonly truth: Truth;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly seen: Pick<SeenTables, "tell">;
};

/** Keeps the threads' copies of the control plane's state in step with it. */
export interface Mirror {
  /** For a thread that has come: resolves when it knows what there is to know. */
  introduce(thread: Thread): Promise<void>;
  /** The routing table is another. */
  rerouted(): void;
  /** The models, their rules, or the readiness have changed. */
  changed(): void;
  /** Resolves when the threads serve what the main thread says is served. */
  inStep(): Promise<void>;
}

/** A thread that is held up for longer than this, in milliseconds, is not waited for. */
const PATIENCE = 2000;

type Name = "models" | "routes" | "event";

/**
 * A state is told to the threads when all of them serve what it says: who has read in one of them that a version is
 * AVAILABLE is answered by it in the others, too.
 */
export function createMirror({ threads, truth, events, clock, seen }: MirrorHouse): Mirror {
  const unheard = new Set<Promise<unknown>>();
  /** Every model that the threads have a status of. */
  const known = new Set<string>();
  const stale = new Set<string>();
  let told: readonly ThreadModel[] | undefined;
  let table: RoutingTable = new Map();
  let telling: Promise<void> | undefined;

  /** Resolves when the thread has answered, or has ended: what it does not hear then, the next one is told anew. */
  function send<K extends Name>(
    { channel }: Thread,
    name: K,
    argument: Parameters<ThreadCalls[K]>[0],
  ): Promise<unknown> {
    const over = new AbortController();
    const answer = channel
      .call(name, argument as never)
      .catch(() => {})
      .finally(() => over.abort());
    const heard = Promise.race([answer, clock.sleep(PATIENCE, over.signal)]).catch(() => {});
    unheard.add(heard);
    void heard.finally(() => unheard.delete(heard));
    return answer;
  }

  function sendRoutes(thread: Thread, routes: Rerouted): void {
    seen.tell(thread, table, send(thread, "routes", routes));
  }

  function statusOf(models: Iterable<string>): ServerStatus {
    const versions = new Map<string, readonly VersionStatus[]>();
    for (const model of models) {
      try {
        versions.set(model, truth.status({ name: model }));
      } catch {
        versions.set(model, []);
      }
    }
    return { models: truth.models(), readiness: truth.readiness(), versions };
  }

  async function tell(): Promise<void> {
    do {
      await Promise.all(unheard);
      while (unheard.size > 0) await Promise.all(unheard);
      const status = statusOf(stale);
      stale.clear();
      for (const { channel } of threads) channel.tell("status", status);
    } while (stale.size > 0 || unheard.size > 0);
    telling = undefined;
  }

  const look = () => {
    telling ??= tell();
  };

  events.subscribe((event) => {
    for (const thread of threads) void send(thread, "event", event);
    known.add(event.model);
    stale.add(event.model);
    look();
  });

  return {
    introduce: async (thread) => {
      void send(thread, "models", truth.configured());
      sendRoutes(thread, difference(new Map(), table));
      await Promise.all(unheard);
      thread.channel.tell("status", statusOf(known));
    },
    rerouted: () => {
      const routes = difference(table, truth.routes());
      table = truth.routes();
      for (const thread of threads) sendRoutes(thread, routes);
    },
    changed: () => {
      const configured = truth.configured();
      if (configured !== told) {
        told = configured;
        for (const thread of threads) void send(thread, "models", configured);
        for (const { name } of configured) known.add(name);
        for (const model of known) stale.add(model);
      }
      look();
    },
    inStep: async () => {
      while (telling) await telling;
      while (unheard.size > 0) await Promise.all(unheard);
    },
  };
}

/** What `table` has otherwise than `before`. */
function difference(before: RoutingTable, table: RoutingTable): Rerouted {
  const names = new Set([...before.keys(), ...table.keys()]);
  const others = [...names].filter((name) => before.get(name) !== table.get(name));
  return new Map(others.map((name) => [name, routesOf(table.get(name))]));
}

function routesOf(routes: ModelRoutes | undefined): RoutesOf | undefined {
  if (!routes) return undefined;
  const { versions, latest, labels } = routes;
  const linked = [...versions.values()].filter(({ servable }) => servable.links);
  return {
    versions: [...versions.keys()],
    latest: latest?.version,
    labels,
    linked: new Map(linked.map(({ version, servable }) => [version, servable.signatures])),
  };
}
