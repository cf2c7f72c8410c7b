import { messageOf, type ServingError, toServingError } from "../errors.js";
import type { VersionStatus } from "../frontend.js";
import type { Artifact } from "../source.js";
import { silentTelemetry } from "../telemetry.js";
import { aspirations, type Entry, type ManagedModel, newEntry } from "./entry.js";
import { describe, type LiveVersion, type LoadedVersion, newLiveVersion, routeTo, statusOf } from "./live-version.js";
import { loadVersion } from "./load.js";
import type { ManagerHouse } from "./manager-house.js";
import { reconcile, type Step } from "./reconcile.js";
import { modelRoutes, type RoutingTable } from "./routing-table.js";
import { createStatusHistory, noVersions } from "./status-history.js";

/** The control plane: keeps what is loaded in step with what is aspired. */
export interface Manager extends AsyncDisposable {
  /** A name whose versions still wind down after `remove` may be added again; they are waited for. */
  add(model: ManagedModel): void;
  /**
   * Other rules for a model. Versions that are loaded stay loaded, and are wrapped anew where `wrap` is another; what is
   * sighted from now on follows the new rules. `repointed`: what was sighted so far is of no account any more, but it is
   * served until a version of the next sighting is aspired. Versions whose load failed are tried again at another place
   * or by another loader. Resolves when what is loaded answers by the new rules.
   */
  update(model: ManagedModel, change: { readonly repointed: boolean }): Promise<unknown>;
  /** Unloads all versions; resolves when the last is gone, or the name is added again. */
  remove(name: string): Promise<void>;
  /** Nothing that is loaded, or comes to be, waits to be grouped with others any more. */
  hurry(): void;
  /** What a source has seen, the whole truth; ignored for a model that is not (or no longer) managed. */
  sight(model: string, versions: readonly Artifact[]): void;
  readonly routes: RoutingTable;
  /** Every version known, highest first. @throws NOT_FOUND */
  status(model: string): readonly VersionStatus[];
  describe(): readonly LoadedVersion[];
  /** Whether the model was sighted and every aspired version has been loaded or has failed. */
  settled(model: string): boolean;
}

export function createManager(house: ManagerHouse): Manager {
  const { clock, log, events, memory, loadConcurrency, telemetry = silentTelemetry } = house;
  const entries = new Map<string, Entry>();
  const history = createStatusHistory();
  let routes: RoutingTable = new Map();
  let loading = 0;
  let hurried = false;

  function publish(entry: Entry, live: LiveVersion): void {
    events.publish({ model: entry.model.name, ...statusOf(live) });
  }

  function reroute(entry: Entry): void {
    const ready = [...entry.live.values()].flatMap((live) =>
      live.phase === "ready" && live.loaded ? [routeTo(live.version, live.loaded)] : [],
    );
    const { name, labels } = entry.model;
    const next = new Map(routes);
    if (entry.removed && ready.length === 0) next.delete(name);
    else next.set(name, modelRoutes(ready, labels, routes.get(name)?.labels));
    routes = next;
    house.onReroute?.(name);
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
    const { live, model } = entry;
    const known = live.get(step.version);
    if (step.kind === "track") {
      const artifact = entry.aspired.get(step.version);
      if (!artifact) return;
      const tracked = newLiveVersion(artifact);
      live.set(step.version, tracked);
      history.forget(model.name, step.version);
      publish(entry, tracked);
    } else if (known && step.kind === "forget") {
      live.delete(step.version);
      if (known.phase !== "new") history.remember(model.name, statusOf(known));
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
      const house = { clock, memory, telemetry, log: log.child({ model: model.name }) };
      // Where it was seen last: it may have waited in line while its model was repointed.
      const artifact = entry.aspired.get(live.version) ?? live.artifact;
      const result = await loadVersion(model, artifact, live.cancel.signal, house);
      // A load that was called off has not failed: should the version be aspired again, it starts afresh.
      live.phase = result ? "ready" : "done";
      if (result) live.loaded = { ...result, loadMs: clock.now() - start };
      reroute(entry);
      if (hurried) live.loaded?.wrapped.hurry();
      // Its model may have been updated meanwhile.
      void rewrap(entry, live);
    } catch (error) {
      fail(entry, live, toServingError(error));
    }
    loading--;
    publish(entry, live);
    advance();
  }

  async function rewrap(entry: Entry, { loaded }: LiveVersion): Promise<void> {
    await loaded?.wrapped.rewrap(entry.model.wrap, () => reroute(entry));
  }

  function fail(entry: Entry, live: LiveVersion, failure: ServingError): void {
    live.code = failure.code;
    live.message = failure.message;
    // Called off between attempts it keeps what the last one came to, and starts afresh all the same.
    live.phase = live.cancel.signal.aborted ? "done" : "error";
    if (live.phase === "done") return;
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
    loaded?.wrapped.hurry();
    try {
      await loaded?.wrapped[Symbol.asyncDispose]();
    } catch (error) {
      log.error({ model: entry.model.name, version: String(live.version), error }, `unloading: ${messageOf(error)}`);
    }
    loaded?.reservation.release();
    delete live.loaded;
    live.phase = "done";
    publish(entry, live);
    advance();
  }

  /** Brings what was seen last and the model's rules to bear. */
  function aspire(entry: Entry): void {
    const aspired = entry.removed ? undefined : aspirations(entry);
    if (!aspired) return;
    if (entry.retryFailed) {
      for (const failed of [...entry.live.values()].filter(({ phase }) => phase === "error")) {
        entry.live.delete(failed.version);
        history.remember(entry.model.name, statusOf(failed));
      }
    }
    entry.repointed = false;
    entry.retryFailed = false;
    entry.aspired = aspired;
    advance();
  }

  function add(model: ManagedModel): void {
    const known = entries.get(model.name);
    if (known && !known.removed) throw new Error(`the model ${model.name} is managed already`);
    // Versions that still wind down are known to those who unload them by their entry, so it stays.
    const entry = Object.assign(known ?? newEntry(model), { model, seen: undefined, repointed: false });
    entry.removed?.resolve();
    delete entry.removed;
    entries.set(model.name, entry);
    reroute(entry);
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
    add,
    update: (model, { repointed }) => {
      const entry = entries.get(model.name);
      if (!entry || entry.removed) throw new Error(`the model ${model.name} is not managed`);
      entry.retryFailed ||= repointed || model.loader !== entry.model.loader;
      entry.model = model;
      if (repointed) {
        entry.repointed = true;
        entry.seen = undefined;
      }
      reroute(entry);
      aspire(entry);
      return Promise.all([...entry.live.values()].map((live) => rewrap(entry, live)));
    },
    remove,
    hurry: () => {
      hurried = true;
      for (const { live } of entries.values()) for (const { loaded } of live.values()) loaded?.wrapped.hurry();
    },
    sight: (name, seen) => {
      const entry = entries.get(name);
      if (!entry) return;
      entry.seen = seen;
      aspire(entry);
    },
    get routes() {
      return routes;
    },
    status: (name) => {
      const entry = entries.get(name);
      const all = [...[...(entry?.live.values() ?? [])].map(statusOf), ...history.of(name)];
      if (all.length === 0) throw noVersions(name);
      return all.sort((a, b) => (a.version < b.version ? 1 : -1));
    },
    describe: () =>
      [...entries.values()].flatMap(({ model, live }) =>
        [...live.values()].map((known) => describe(model.name, known)),
      ),
    settled: (name) => {
      const entry = entries.get(name);
      if (!entry?.seen) return false;
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
