import { messageOf, type ServingError, toServingError } from "../errors.js";
import { silentTelemetry } from "../telemetry.js";
import type { Entry } from "./entry.js";
import { type MemberStep, reconcileGroup } from "./grouped.js";
import { type LiveVersion, newLiveVersion, statusOf } from "./live-version.js";
import { loadVersion } from "./load.js";
import type { ManagerHouse } from "./manager-house.js";
import type { StatusHistory } from "./status-history.js";
import { failedPeers, type Unit, unitsOf } from "./unit.js";

/** Loads and unloads, as `reconcileGroup` says. */
export interface Executor {
  /** Carries out every step that can be taken now; each step's end calls it again. */
  advance(): void;
  /** Wraps a version as its model says now. Never throws. */
  rewrap(entry: Entry, live: LiveVersion): Promise<void>;
  /** What is loaded from now on is told to hurry. */
  hurry(): void;
}

export type ExecutorParts = {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly house: ManagerHouse;
  readonly history: StatusHistory;
  readonly publish: (entry: Entry, live: LiveVersion) => void;
  /** Called when what can be reached may have changed. */
  readonly refresh: () => void;
  /** Called when a version of a model is known no more. */
  readonly forgotten: (entry: Entry) => void;
};

export function createExecutor({ entries, house, history, publish, refresh, forgotten }: ExecutorParts): Executor {
  const { clock, log, memory, loadConcurrency, telemetry = silentTelemetry } = house;
  let loading = 0;
  let hurried = false;
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
      const steps = unitsOf(entries.values()).flatMap((unit) =>
        planFor(unit).map((step) => ({ unit, entry: unit.members[step.member] as Entry, step })),
      );
      for (const { unit, entry, step } of steps) if (step.kind !== "load") take(unit, entry, step);
      // All that goes at once is gone from the table before any of it is let go.
      if (steps.some(({ step }) => step.kind === "unload")) refresh();
      for (const { entry, step } of steps) {
        const live = entry.live.get(step.version);
        if (step.kind === "unload" && live?.phase === "unloading") void letGo(entry, live);
      }
      // Models with the least that serves or loads come first: none waits for all the versions of another.
      const loads = steps.filter(({ step }) => step.kind === "load");
      loads.sort((a, b) => underWay(a.entry) - underWay(b.entry));
      for (const { entry, step } of loads.slice(0, Math.max(0, loadConcurrency - loading))) start(entry, step);
    }
    advancing = false;
  }

  function start(entry: Entry, { version }: MemberStep): void {
    const live = entry.live.get(version);
    if (live?.phase === "new") void load(entry, live);
  }

  function planFor({ name, members }: Unit): readonly MemberStep[] {
    const [first] = members;
    if (!first) return [];
    try {
      return reconcileGroup(
        new Set(first.aspired.keys()),
        members.map(({ live }) => live),
        first.model.policy,
      );
    } catch (error) {
      log.error({ model: name, error }, `the model is left as it is: ${messageOf(error)}`);
      return [];
    }
  }

  function take(unit: Unit, entry: Entry, step: MemberStep): void {
    const { live, model } = entry;
    const known = live.get(step.version);
    if (step.kind === "track") {
      const artifact = entry.aspired.get(step.version);
      if (!artifact) return;
      const tracked = newLiveVersion(artifact);
      live.set(step.version, tracked);
      history.forget(model.name, step.version);
      publish(entry, tracked);
      return;
    }
    if (!known) return;
    const failed = failedPeers(unit, entry, step.version);
    if (failed !== "") Object.assign(known, { code: "ABORTED", message: failed });
    if (step.kind === "forget") {
      live.delete(step.version);
      if (known.phase !== "new" || known.code !== "OK")
        history.remember(model.name, { ...statusOf(known), state: "END" });
      forgotten(entry);
    } else if (step.kind === "cancel") {
      known.cancel.abort();
    } else if (step.kind === "unload" && known.phase === "ready") {
      known.phase = "unloading";
      known.published = false;
      if (known.code === "OK") known.message = "";
      known.loaded?.reservation.leaving();
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
      if (hurried) live.loaded?.wrapped.hurry();
      // Its model may have been updated meanwhile.
      void rewrap(entry, live);
    } catch (error) {
      fail(entry, live, toServingError(error));
    }
    loading--;
    // That of a version which was loaded is told with its being reachable.
    if (live.phase !== "ready") publish(entry, live);
    refresh();
    advance();
  }

  async function rewrap(entry: Entry, { loaded }: LiveVersion): Promise<void> {
    await loaded?.wrapped.rewrap(entry.model.wrap, refresh);
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

  async function letGo(entry: Entry, live: LiveVersion): Promise<void> {
    const loaded = live.loaded;
    publish(entry, live);
    loaded?.wrapped.hurry();
    try {
      await loaded?.wrapped[Symbol.asyncDispose]();
    } catch (error) {
      log.error({ model: entry.model.name, version: String(live.version), error }, `unloading: ${messageOf(error)}`);
    }
    loaded?.reservation.release();
    loaded?.releaseFiles();
    delete live.loaded;
    live.phase = "done";
    publish(entry, live);
    advance();
  }

  return {
    advance,
    rewrap,
    hurry: () => {
      hurried = true;
    },
  };
}

const underWay = ({ live }: Entry) =>
  [...live.values()].filter(({ phase }) => phase === "ready" || phase === "loading").length;
