import type { ResolvedModel } from "../config/resolve.js";
import { unavailable } from "../errors.js";
import type { EventBus } from "../lifecycle/events.js";
import type { LoadRules } from "../lifecycle/load.js";
import type { Manager } from "../lifecycle/manager.js";
import { checkLabels, checkPlatform, type LabelRule } from "./change-rules.js";
import { answered, checkLoads, untilHolds } from "./first-loads.js";
import { buildModel, type ModelParts, managedModel, type PartsHouse } from "./model-parts.js";
import { orAborted } from "./or-aborted.js";
import type { RequestLogging } from "./request-logging.js";
import type { ClosingStep } from "./shutdown.js";
import { type SourceWatch, startWatch } from "./source-watch.js";

export type ModelSetHouse = PartsHouse & {
  readonly manager: Manager;
  readonly events: EventBus;
  readonly load: LoadRules;
  readonly labels: LabelRule;
  /** Called after each sighting and each change. */
  onChange(): void;
  /** Closes a source that is no longer watched. */
  close(step: ClosingStep): Promise<void>;
};

/** The configured models, each with its source under watch. */
export interface ModelSet {
  /** In the config's order. */
  names(): readonly string[];
  /** Another list after each change. */
  configs(): readonly ResolvedModel[];
  /** How a model's requests are logged, if they are. */
  requests(model: string): RequestLogging | undefined;
  /** Whether a model's requests are grouped. */
  batched(model: string): boolean;
  /**
   * Makes `prepare`'s models the configured ones: adds, drops, and gives those that differ their new rules and
   * sources. One call at a time, in the order of the calls. All of it or, when anything is wrong, nothing.
   * Resolves with what was new.
   * @throws what `prepare` throws; ServingError for a change that is not allowed; UNAVAILABLE once closing
   */
  change(prepare: () => Promise<readonly ResolvedModel[]>): Promise<readonly string[]>;
  /**
   * `change`, then waits until what is loaded answers by the new rules and each new model has a version AVAILABLE, or all have failed; no other call begins before.
   * @throws UNKNOWN naming the new models that could not be loaded; they are configured all the same
   */
  changeAndLoad(prepare: () => Promise<readonly ResolvedModel[]>, signal?: AbortSignal): Promise<void>;
  /** Allows no more changes, and ends the wait of those under way. */
  freeze(): void;
  /** Stops watching. What is left to do before the sources are gone. */
  closing(): readonly ClosingStep[];
  /** What is left to do when no request is under way any more. */
  closingLogs(): readonly ClosingStep[];
}

type Member = { readonly parts: ModelParts; readonly watch: SourceWatch };

type Changed = {
  /** What was new. */
  readonly added: readonly string[];
  /** Resolves when what was loaded before answers by the new rules. */
  readonly applied: Promise<unknown>;
};

export function createModelSet(house: ModelSetHouse): ModelSet {
  const { manager, events, hostFor, onChange } = house;
  let members: ReadonlyMap<string, Member> = new Map();
  let configs: readonly ResolvedModel[] = [];
  const leaving = new Set<Promise<void>>();
  const leavingLogs = new Set<Promise<void>>();
  const looks = new Set<() => void>();
  const frozen = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  const told = () => {
    onChange();
    for (const look of looks) look();
  };

  function inTurn<T>(job: () => Promise<T>): Promise<T> {
    const turn = last.then(job);
    last = turn.catch(() => {});
    return turn;
  }

  async function changeNow(prepare: () => Promise<readonly ResolvedModel[]>): Promise<Changed> {
    const models = await prepare();
    for (const model of models) checkPlatform(model, members.get(model.name)?.parts.config);
    for (const model of models) {
      const versions = manager.routes.get(model.name)?.versions;
      const before = members.get(model.name)?.parts.config.labels;
      checkLabels(house.labels, model, before, (version) => versions?.has(version) ?? false);
    }
    const built = await build(models);
    if (frozen.signal.aborted) {
      await discard(built);
      throw frozen.signal.reason;
    }
    // From here on nothing is waited for and nothing can fail.
    const before = members;
    const names = new Set(models.map(({ name }) => name));
    const updates: Promise<unknown>[] = [];
    manager.atOnce(() => {
      for (const [name, member] of before) if (!names.has(name)) drop(name, member);
      members = new Map(built.map((parts) => [parts.config.name, put(parts, before.get(parts.config.name), updates)]));
    });
    configs = models;
    told();
    return { added: [...names].filter((name) => !before.has(name)), applied: Promise.all(updates) };
  }

  async function build(models: readonly ResolvedModel[]): Promise<readonly ModelParts[]> {
    const built: ModelParts[] = [];
    try {
      for (const model of models) {
        built.push(await buildModel(model, members.get(model.name)?.parts, house));
      }
      return built;
    } catch (error) {
      await discard(built);
      throw error;
    }
  }

  /** Disposes the sources that were made for a change that does not happen. */
  async function discard(built: readonly ModelParts[]): Promise<void> {
    const unused = built.filter(({ config, source }) => members.get(config.name)?.parts.source !== source);
    await Promise.all(unused.map(({ config, source }) => house.close(closingOf(config.name, source))));
  }

  function put(parts: ModelParts, before: Member | undefined, updates: Promise<unknown>[]): Member {
    const { name } = parts.config;
    const model = managedModel(parts, house.load);
    const repointed = before !== undefined && before.parts.source !== parts.source;
    if (before) updates.push(manager.update(model, { repointed }));
    else manager.add(model);
    if (before && before.parts.requests !== parts.requests) endLog(name, before.parts.requests, Promise.resolve());
    if (before && !repointed) return { parts, watch: before.watch };
    if (before) endLater(name, before.watch);
    const sight: Parameters<typeof startWatch>[1] = (versions) => {
      manager.sight(name, versions);
      told();
    };
    return { parts, watch: startWatch(parts.source, sight, hostFor(name)) };
  }

  function drop(name: string, { parts, watch }: Member): void {
    endLater(name, watch);
    endLog(name, parts.requests, manager.remove(name));
  }

  function endLater(name: string, watch: SourceWatch): void {
    watch.stop();
    const ended = house.close({ name: `source of ${name}`, close: () => watch.end() });
    leaving.add(ended);
    void ended.finally(() => leaving.delete(ended));
  }

  /** Closes a log that is no longer used once its last requests, those until `idle`, have been answered. */
  function endLog(name: string, requests: RequestLogging | undefined, idle: Promise<void>): void {
    if (!requests) return;
    const ended = idle.then(() => house.close(closingLog(name, requests)));
    leavingLogs.add(ended);
    void ended.finally(() => leavingLogs.delete(ended));
  }

  const subscribe = (look: () => void) => {
    looks.add(look);
    const unsubscribe = events.subscribe(look);
    return () => {
      looks.delete(look);
      unsubscribe();
    };
  };

  return {
    names: () => [...members.keys()],
    configs: () => configs,
    requests: (model) => members.get(model)?.parts.requests,
    batched: (model) => members.get(model)?.parts.config.batcher !== undefined,
    change: (prepare) => inTurn(async () => (await changeNow(prepare)).added),
    changeAndLoad: (prepare, signal) =>
      inTurn(async () => {
        const { added, applied } = await changeNow(prepare);
        const until = signal ? AbortSignal.any([signal, frozen.signal]) : frozen.signal;
        await orAborted(applied, { signal: until });
        await untilHolds(() => added.every((name) => answered(manager, name)), subscribe, until);
        checkLoads(manager, added);
      }),
    freeze: () => frozen.abort(unavailable("the server is shutting down")),
    closing: () => {
      for (const { watch } of members.values()) watch.stop();
      return [
        ...[...members].map(([name, { watch }]) => ({ name: `source of ${name}`, close: () => watch.end() })),
        { name: "sources that were left", close: () => Promise.all(leaving) },
      ];
    },
    closingLogs: () => [
      ...[...members].flatMap(([name, { parts }]) => (parts.requests ? [closingLog(name, parts.requests)] : [])),
      { name: "request logs that were left", close: () => Promise.all(leavingLogs) },
    ],
  };
}

const closingLog = (model: string, requests: RequestLogging): ClosingStep => ({
  name: `request log of ${model}`,
  close: requests.close,
});

const closingOf = (model: string, source: AsyncDisposable): ClosingStep => ({
  name: `source of ${model}`,
  close: () => source[Symbol.asyncDispose](),
});
