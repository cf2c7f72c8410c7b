import type { VersionStatus } from "../frontend.js";
import type { Artifact } from "../source.js";
import { type Entry, type ManagedModel, newEntry } from "./entry.js";
import { createExecutor } from "./executor.js";
import { describe, type LiveVersion, type LoadedVersion, statusOf } from "./live-version.js";
import type { ManagerHouse } from "./manager-house.js";
import { createRouter } from "./router.js";
import type { RoutingTable } from "./routing-table.js";
import { isSettled } from "./settled.js";
import { createStatusHistory, noVersions } from "./status-history.js";
import { aspirations, lacking, peersOf } from "./unit.js";

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
  /** Carries out what `change` asks for as one change: nothing is loaded, unloaded or published halfway. */
  atOnce(change: () => void): void;
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
  /** Whether the model was sighted and every aspired version can be reached, has failed, or is held back for a reason. */
  settled(model: string): boolean;
}

export function createManager(house: ManagerHouse): Manager {
  const { log, events } = house;
  const entries = new Map<string, Entry>();
  const history = createStatusHistory();
  /** Changes that are being made and belong together. */
  let halfway = 0;

  const publish = (entry: Entry, live: LiveVersion) => events.publish({ model: entry.model.name, ...statusOf(live) });
  const router = createRouter(entries, house, publish);
  const executor = createExecutor({
    entries,
    house,
    history,
    publish,
    refresh: router.refresh,
    forgotten: finishRemoval,
  });

  /** Brings what was seen last and the models' rules to bear. */
  function aspire(peers: readonly Entry[]): void {
    const aspired = aspirations(peers);
    for (const [i, entry] of aspired ? peers.entries() : []) {
      for (const failed of [...entry.live.values()].filter(({ phase }) => phase === "error")) {
        const other = aspired?.[i]?.get(failed.version)?.attempt !== failed.artifact.attempt;
        if (!entry.retryFailed && !other) continue;
        entry.live.delete(failed.version);
        history.remember(entry.model.name, statusOf(failed));
      }
      entry.repointed = false;
      entry.retryFailed = false;
      entry.joined = entry.model.group !== undefined;
      entry.aspired = aspired?.[i] ?? new Map();
    }
  }

  const touched = new Set<Entry>();

  /** Takes account of what has become of a model. */
  function touch(...changed: readonly Entry[]): void {
    for (const entry of changed) touched.add(entry);
    if (halfway > 0) return;
    const units = new Map([...touched].map((entry) => [entry.removed ? entry : (entry.model.group ?? entry), entry]));
    touched.clear();
    for (const entry of units.values()) {
      if (entry.removed) continue;
      const peers = peersOf(entry, entries.values());
      aspire(peers);
      tellLacking(entry, peers);
    }
    router.refresh();
    executor.advance();
    for (const entry of units.values()) finishRemoval(entry);
  }

  const told = new Map<string, string>();

  function tellLacking({ model: { group } }: Entry, peers: readonly Entry[]): void {
    if (group === undefined || peers.some(({ seen }) => !seen)) return;
    const text = lacking(peers);
    if (text !== "" && text !== told.get(group)) log.info({ group }, `the group ${group} waits for versions: ${text}`);
    told.set(group, text);
  }

  function atOnce(change: () => void): void {
    halfway++;
    try {
      change();
    } finally {
      halfway--;
      touch();
    }
  }

  function add(model: ManagedModel): void {
    const known = entries.get(model.name);
    if (known && !known.removed) throw new Error(`the model ${model.name} is managed already`);
    // Versions that still wind down are known to those who unload them by their entry, so it stays.
    const entry = Object.assign(known ?? newEntry(model), { model, seen: undefined, repointed: false, joined: false });
    entry.removed?.resolve();
    delete entry.removed;
    entries.set(model.name, entry);
    touch(entry);
  }

  function update(model: ManagedModel, repointed: boolean): Promise<unknown> {
    const entry = entries.get(model.name);
    if (!entry || entry.removed) throw new Error(`the model ${model.name} is not managed`);
    const peers = peersOf(entry, entries.values());
    entry.retryFailed ||= repointed || model.loader !== entry.model.loader;
    if (model.group !== entry.model.group) entry.joined = false;
    entry.model = model;
    if (repointed) {
      entry.repointed = true;
      entry.seen = undefined;
    }
    // Those that it leaves as well: what they have in common may be more without it.
    touch(entry, ...peers);
    return Promise.all([...entry.live.values()].map((live) => executor.rewrap(entry, live)));
  }

  function finishRemoval(entry: Entry): void {
    if (!entry.removed || entry.live.size > 0 || entries.get(entry.model.name) !== entry) return;
    entries.delete(entry.model.name);
    router.refresh();
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
      const peers = peersOf(entry, entries.values());
      Object.assign(entry, { removed: { done, resolve }, aspired: new Map(), joined: false });
      touch(...peers);
    }
    return entry.removed?.done ?? Promise.resolve();
  }

  return {
    add,
    update: (model, { repointed }) => update(model, repointed),
    atOnce,
    remove,
    hurry: () => {
      executor.hurry();
      for (const { live } of entries.values()) for (const { loaded } of live.values()) loaded?.wrapped.hurry();
    },
    sight: (name, seen) => {
      const entry = entries.get(name);
      if (!entry) return;
      entry.seen = seen;
      if (!entry.removed) touch(entry);
    },
    get routes() {
      return router.table;
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
    settled: (name) => isSettled(name, entries),
    [Symbol.asyncDispose]: async () => {
      const gone: Promise<void>[] = [];
      atOnce(() => gone.push(...[...entries.keys()].map(remove)));
      await Promise.all(gone);
    },
  };
}
