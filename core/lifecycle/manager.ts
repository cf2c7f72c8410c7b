import type { Clock } from "../clock.js";
import { messageOf, notFound, type ServingError, toServingError } from "../errors.js";
import type { VersionStatus } from "../frontend.js";
import type { Logger } from "../logger.js";
import type { Artifact } from "../source.js";
import type { VersionPolicy } from "../version-policy.js";
import type { EventBus } from "./events.js";
import { type LiveVersion, newLiveVersion, routeTo, statusOf } from "./live-version.js";
import { type LoadPlan, loadVersion } from "./load.js";
import type { MemoryLedger } from "./memory.js";
import { reconcile, type Step } from "./reconcile.js";
import { modelRoutes, type RoutingTable } from "./routing-table.js";
import { chooseVersions, type VersionChoice } from "./version-choice.js";

export type ManagedModel = LoadPlan & {
  readonly versions: VersionChoice;
  readonly policy: VersionPolicy;
  readonly labels: ReadonlyMap<string, bigint>;
};

/** A version that is loaded, for people. */
export type LoadedVersion = VersionStatus & {
  readonly model: string;
  readonly type?: string;
  readonly engine?: string;
  readonly signatures: readonly string[];
  readonly loadMs?: number;
};

export type ManagerHouse = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus;
  readonly memory: MemoryLedger;
  /** Loads under way at once, over all models. */
  readonly loadConcurrency: number;
};

/** The control plane: keeps what is loaded in step with what is aspired. */
export interface Manager extends AsyncDisposable {
  add(model: ManagedModel): void;
  /** Unloads all versions; resolves when the last is gone and the name is forgotten. */
  remove(name: string): Promise<void>;
  /** What a source has seen, the whole truth; ignored for a model that is not (or no longer) managed. */
  sight(model: string, versions: readonly Artifact[]): void;
  readonly routes: RoutingTable;
  /** Every version known, highest first. @throws NOT_FOUND */
  status(model: string): readonly VersionStatus[];
  describe(): readonly LoadedVersion[];
  /** Whether the model was sighted and every aspired version has been loaded or has failed. */
  settled(model: string): boolean;
}

type Entry = {
  readonly model: ManagedModel;
  readonly live: Map<bigint, LiveVersion>;
  /** The last states of versions that are gone; status answers with them, as TensorFlow Serving does. */
  readonly past: Map<bigint, VersionStatus>;
  aspired: ReadonlyMap<bigint, Artifact>;
  sighted: boolean;
  removed?: { readonly done: Promise<void>; readonly resolve: () => void };
};

export function createManager(house: ManagerHouse): Manager {
  const { clock, log, events, memory, loadConcurrency } = house;
  const entries = new Map<string, Entry>();
  let routes: RoutingTable = new Map();
  let loading = 0;

  function publish(entry: Entry, live: LiveVersion): void {
    events.publish({ model: entry.model.name, ...statusOf(live) });
  }

  function reroute(entry: Entry): void {
    const ready = [...entry.live.values()].flatMap((live) =>
      live.phase === "ready" && live.loaded ? [routeTo(live, live.loaded.servable)] : [],
    );
    const next = new Map(routes);
    if (entry.removed && ready.length === 0) next.delete(entry.model.name);
    else next.set(entry.model.name, modelRoutes(ready, entry.model.labels));
    routes = next;
  }

  let advancing = false;
  let again = false;

  /** Carries out every step that can be taken now; each step's end calls it again. */
  function advance(): void {
    // A listener of a step's event may call back into the manager: what it asks for is planned afresh, afterwards.
    again = true;
    if (advancing) return;
    advancing = true;
    while (again) {
      again = false;
      const steps = [...entries.values()].flatMap((entry) => planFor(entry).map((step) => ({ entry, step })));
      for (const { entry, step } of steps) if (step.kind !== "load") take(entry, step);
      // Models with the least that serves or loads come first: none waits for all the versions of another.
      const loads = steps.filter(({ step }) => step.kind === "load");
      loads.sort((a, b) => underWay(a.entry) - underWay(b.entry));
      for (const { entry, step } of loads.slice(0, Math.max(0, loadConcurrency - loading))) start(entry, step);
    }
    advancing = false;
  }

  function start(entry: Entry, { version }: Step): void {
    const live = entry.live.get(version);
    if (live?.phase === "new") void load(entry, live);
  }

  function planFor(entry: Entry): readonly Step[] {
    const phases = new Map([...entry.live].map(([version, live]) => [version, live.phase]));
    try {
      return reconcile(new Set(entry.aspired.keys()), phases, entry.model.policy);
    } catch (error) {
      log.error({ model: entry.model.name, error }, `the model is left as it is: ${messageOf(error)}`);
      return [];
    }
  }

  function take(entry: Entry, step: Step): void {
    const { live, past } = entry;
    const known = live.get(step.version);
    if (step.kind === "track") {
      const artifact = entry.aspired.get(step.version);
      if (!artifact) return;
      const tracked = newLiveVersion(artifact);
      live.set(step.version, tracked);
      past.delete(step.version);
      publish(entry, tracked);
    } else if (known && step.kind === "forget") {
      live.delete(step.version);
      if (known.phase !== "new") remember(past, statusOf(known));
      finishRemoval(entry);
    } else if (known && step.kind === "cancel") {
      known.cancel.abort();
    } else if (known?.phase === "ready" && step.kind === "unload") {
      void unload(entry, known);
    }
  }

  async function load(entry: Entry, live: LiveVersion): Promise<void> {
    const { model } = entry;
    loading++;
    live.phase = "loading";
    publish(entry, live);
    const start = clock.now();
    try {
      const house = { clock, memory, log: log.child({ model: model.name }) };
      // The latest sighting says where the version is now.
      const artifact = entry.aspired.get(live.version) ?? live.artifact;
      const result = await loadVersion(model, artifact, live.cancel.signal, house);
      live.loaded = { ...result, loadMs: clock.now() - start };
      live.phase = "ready";
      reroute(entry);
    } catch (error) {
      fail(entry, live, toServingError(error));
    }
    loading--;
    publish(entry, live);
    advance();
  }

  function fail(entry: Entry, live: LiveVersion, failure: ServingError): void {
    // A load that was called off has not failed: should the version be aspired again, it starts afresh.
    if (live.cancel.signal.aborted) {
      live.phase = "done";
      return;
    }
    live.phase = "error";
    live.code = failure.code;
    live.message = failure.message;
    log.error(
      {
        model: entry.model.name,
        version: String(live.version),
        code: failure.code,
        uri: live.artifact.uri,
        cause: failure.cause,
      },
      `version ${live.version} of ${entry.model.name} cannot be served: ${failure.message}`,
    );
  }

  async function unload(entry: Entry, live: LiveVersion): Promise<void> {
    const loaded = live.loaded;
    live.phase = "unloading";
    loaded?.reservation.leaving();
    publish(entry, live);
    reroute(entry);
    await live.holds.idle();
    try {
      await loaded?.servable[Symbol.asyncDispose]();
    } catch (error) {
      log.error({ model: entry.model.name, version: String(live.version), error }, `unloading: ${messageOf(error)}`);
    }
    loaded?.reservation.release();
    delete live.loaded;
    live.phase = "done";
    publish(entry, live);
    advance();
  }

  function finishRemoval(entry: Entry): void {
    if (!entry.removed || entry.live.size > 0) return;
    entries.delete(entry.model.name);
    reroute(entry);
    entry.removed.resolve();
  }

  function remove(name: string): Promise<void> {
    const entry = entries.get(name);
    if (!entry) return Promise.resolve();
    if (!entry.removed) {
      let resolve = () => {};
      const done = new Promise<void>((settle) => {
        resolve = settle;
      });
      entry.removed = { done, resolve };
      entry.aspired = new Map();
      advance();
      finishRemoval(entry);
    }
    return entry.removed.done;
  }

  return {
    add: (model) => {
      if (entries.has(model.name)) throw new Error(`the model ${model.name} is managed already`);
      const entry: Entry = { model, live: new Map(), past: new Map(), aspired: new Map(), sighted: false };
      entries.set(model.name, entry);
      reroute(entry);
    },
    remove,
    sight: (name, seen) => {
      const entry = entries.get(name);
      if (!entry || entry.removed) return;
      const chosen = chooseVersions(
        entry.model.versions,
        seen.map((artifact) => artifact.version),
      );
      const byVersion = new Map(seen.map((artifact) => [artifact.version, artifact]));
      entry.aspired = new Map(chosen.flatMap((version) => [[version, byVersion.get(version) as Artifact]]));
      entry.sighted = true;
      advance();
    },
    get routes() {
      return routes;
    },
    status: (name) => {
      const entry = entries.get(name);
      const all = entry ? [...[...entry.live.values()].map(statusOf), ...entry.past.values()] : [];
      if (all.length === 0) throw notFound(`Could not find any versions of model ${name}`);
      return all.sort((a, b) => (a.version < b.version ? 1 : -1));
    },
    describe: () =>
      [...entries.values()].flatMap(({ model, live }) =>
        [...live.values()].map((known) => describe(model.name, known)),
      ),
    settled: (name) => {
      const entry = entries.get(name);
      if (!entry?.sighted) return false;
      return [...entry.aspired.keys()].every((version) => {
        const phase = entry.live.get(version)?.phase;
        return phase === "ready" || phase === "error";
      });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...entries.keys()].map(remove));
    },
  };
}

const underWay = ({ live }: Entry) =>
  [...live.values()].filter(({ phase }) => phase === "ready" || phase === "loading").length;

/** A model that is published every minute must not grow the status for ever: the lowest versions go first. */
const pastVersionsKept = 100;

function remember(past: Map<bigint, VersionStatus>, status: VersionStatus): void {
  past.set(status.version, status);
  if (past.size <= pastVersionsKept) return;
  let lowest = status.version;
  for (const version of past.keys()) if (version < lowest) lowest = version;
  past.delete(lowest);
}

function describe(model: string, live: LiveVersion): LoadedVersion {
  const base = { model, ...statusOf(live) };
  if (!live.loaded) return { ...base, signatures: [] };
  const { type, servable, loadMs } = live.loaded;
  const { engine, signatures } = servable;
  return { ...base, type, signatures: Object.keys(signatures), loadMs, ...(engine === undefined ? {} : { engine }) };
}
