import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../clock.js";
import type { Registry } from "../config/registry.js";
import { messageOf } from "../errors.js";
import type { Host } from "../host.js";
import type { Route, RoutingTable } from "../lifecycle/routing-table.js";
import { type Wrap, type Wrapped, wrapped } from "../lifecycle/wrapped.js";
import type { Servable } from "../servable.js";
import type { MainCalls, RoutesOf, SharedVersion, ThreadCalls, ThreadModel } from "./calls.js";
import type { Channel } from "./channel.js";
import { type RelayedServable, relayedServable } from "./relayed-servable.js";

export type AttachedVersionsHouse = {
  readonly registry: Registry;
  readonly hostFor: (id: string) => Host;
  readonly clock: Clock;
  readonly channel: Channel<MainCalls>;
};

/** What an I/O thread can reach: the main thread's versions, each by a servable and a batcher of this thread's own. */
export interface AttachedVersions
  extends Pick<ThreadCalls, "models" | "attach" | "detach" | "hurry" | "routes">,
    AsyncDisposable {
  readonly table: RoutingTable;
  model(name: string): ThreadModel | undefined;
}

type Attached = {
  readonly shared: SharedVersion;
  readonly relayed: RelayedServable;
  readonly made: Promise<Wrapped>;
  ready?: Wrapped;
};

const bare: Wrap = (servable) => servable;

export function createAttachedVersions({ registry, hostFor, clock, channel }: AttachedVersionsHouse): AttachedVersions {
  const attached = new Map<number, Attached>();
  const told = new Map<string, RoutesOf>();
  const wraps = new Map<string, Promise<Wrap>>();
  let configured: ReadonlyMap<string, ThreadModel> = new Map();
  let table: RoutingTable = new Map();

  const of = (model: string) => [...attached.values()].filter(({ shared }) => shared.model === model);

  async function createWrap({ name, batching }: ThreadModel): Promise<Wrap> {
    if (!batching) return bare;
    const factory = registry.find("batcher", batching.type);
    if (!factory) throw new Error(registry.unknown("batcher", batching.type));
    const batcher = await factory.create(hostFor(name), batching.options);
    return (servable, version) => batcher.wrap(servable, version);
  }

  async function servableOf(shared: SharedVersion, relayed: Servable): Promise<Servable> {
    const { model, version, path, type, handle } = shared;
    const attach = handle === undefined ? undefined : registry.find("servable", type)?.attach;
    if (!attach) return relayed;
    const host = hostFor(model);
    try {
      return await attach(host, { handle, version: { model, version, path }, origin: relayed });
    } catch (error) {
      const text = `version ${version} cannot be run in this I/O thread, its requests go to the main thread`;
      host.log.warn({ version: String(version), error }, `${text}: ${messageOf(error)}`);
      return relayed;
    }
  }

  async function make(shared: SharedVersion, relayed: Servable): Promise<Wrapped> {
    const { model, version, path } = shared;
    const servable = await servableOf(shared, relayed);
    try {
      return await wrapped(servable, { model, version, path }, (await wraps.get(model)) ?? bare, hostFor(model).log);
    } catch (error) {
      await servable[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Replaces the table, once for all of these. */
  function reroute(...models: readonly string[]): void {
    const next = new Map(table);
    for (const model of models) {
      const routes = told.get(model);
      if (routes) next.set(model, modelRoutes(model, routes));
      else next.delete(model);
    }
    table = next;
  }

  function modelRoutes(model: string, { versions, latest, labels, linked }: RoutesOf) {
    const routes = of(model).flatMap(({ shared: { version }, relayed, ready }): Route[] => {
      if (!ready || !versions.includes(version)) return [];
      const signatures = linked.get(version);
      if (signatures) relayed.bind(signatures);
      const { servable, wrapped: isWrapped, holds } = ready.layer;
      return [{ version, servable, wrapped: isWrapped, hold: holds.hold }];
    });
    const byVersion = new Map(routes.map((route) => [route.version, route]));
    return { versions: byVersion, latest: latest === undefined ? undefined : byVersion.get(latest), labels };
  }

  async function detach(id: number): Promise<void> {
    const leaving = attached.get(id);
    if (!leaving) return;
    attached.delete(id);
    reroute(leaving.shared.model);
    const made = await leaving.made.catch(() => undefined);
    made?.hurry();
    await made?.[Symbol.asyncDispose]();
  }

  return {
    get table() {
      return table;
    },
    model: (name) => configured.get(name),
    models: async (models) => {
      const before = configured;
      configured = new Map(models.map((model) => [model.name, model]));
      const changed = models.filter(
        ({ name, batching }) => !wraps.has(name) || !isDeepStrictEqual(before.get(name)?.batching, batching),
      );
      for (const name of before.keys()) if (!configured.has(name)) wraps.delete(name);
      for (const model of changed) {
        const wrap = createWrap(model);
        // Who loads a version, or has one, hears of it.
        wrap.catch(() => {});
        wraps.set(model.name, wrap);
      }
      const rewrapped = changed.flatMap(({ name }) =>
        of(name).map(async ({ made }) => (await made).rewrap(await wraps.get(name)!, () => reroute(name))),
      );
      await Promise.all(rewrapped);
    },
    attach: async (shared) => {
      const relayed = relayedServable(shared, channel, clock);
      const entry: Attached = { shared, relayed, made: make(shared, relayed) };
      attached.set(shared.id, entry);
      try {
        entry.ready = await entry.made;
      } catch (error) {
        attached.delete(shared.id);
        throw error;
      }
      if (attached.get(shared.id) === entry) reroute(shared.model);
    },
    detach,
    hurry: (id) => attached.get(id)?.ready?.hurry(),
    routes: (rerouted) => {
      for (const [model, routes] of rerouted) {
        if (routes) told.set(model, routes);
        else told.delete(model);
      }
      reroute(...rerouted.keys());
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...attached.keys()].map(detach));
    },
  };
}
