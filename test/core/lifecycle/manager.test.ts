import { type Artifact, type Clock, ServingError, systemClock, type Tensors, tensor } from "salver";
import { describe, expect, test } from "vitest";
import type { ManagedModel } from "../../../core/lifecycle/entry.js";
import { createEventBus, type VersionEvent } from "../../../core/lifecycle/events.js";
import { createManager } from "../../../core/lifecycle/manager.js";
import { createMemoryLedger } from "../../../core/lifecycle/memory.js";
import { silentLogger } from "../../../core/logger.js";
import type { LoaderFactory } from "../../../core/plugin.js";
import availabilityPlugin from "../../../plugins/policies/availability-preserving/index.js";
import resourcePlugin from "../../../plugins/policies/resource-preserving/index.js";
import { artifact, fakeServable, until } from "../../support/core-fakes.js";

type Load = (version: bigint, signal: AbortSignal, attempt: number) => Promise<void>;

async function house(
  options: {
    load?: Load;
    concurrency?: number;
    limit?: number;
    policy?: typeof availabilityPlugin;
    sleep?: Clock["sleep"];
  } = {},
) {
  const {
    load = async () => {},
    concurrency = 4,
    limit,
    policy = availabilityPlugin,
    sleep = async () => {},
  } = options;
  const diary: string[] = [];
  const events: VersionEvent[] = [];
  const attempts = new Map<bigint, number>();
  const bus = createEventBus(() => {});
  bus.subscribe((event) => events.push(event));
  const clock = { now: () => 0, sleep };
  const manager = createManager({
    clock,
    log: silentLogger,
    events: bus,
    memory: createMemoryLedger(limit),
    loadConcurrency: concurrency,
  });
  const make: LoaderFactory = (version) => ({
    estimate: async () => ({ memory: 10 }),
    load: async (signal) => {
      const attempt = attempts.get(version.version) ?? 0;
      attempts.set(version.version, attempt + 1);
      await load(version.version, signal, attempt);
      diary.push(`load ${version.version}`);
      return fakeServable(version, diary);
    },
  });
  const factory = policy.factories[0];
  if (factory?.kind !== "policy") throw new Error("not a policy");
  const model: ManagedModel = {
    name: "m",
    versions: { kind: "latest", count: 1 },
    policy: await factory.create({} as never, {}),
    labels: new Map([["stable", 1n]]),
    loader: async () => ({ type: "fake", make }),
    load: { retries: 2, retryInterval: 5, retryOn: "hopeful" },
    wrap: (servable) => servable,
  };
  const states = () => events.map(({ version, state }) => `${version} ${state}`);
  const see = (...versions: bigint[]) =>
    manager.sight(
      "m",
      versions.map((version): Artifact => artifact(version)),
    );
  const settled = () => until(() => manager.settled("m"), "the model to settle");
  const gone = (version: bigint) =>
    until(() => states().filter((state) => state === `${version} END`).length > 0, `the end of ${version}`);
  return { manager, model, diary, events, states, see, settled, gone, attempts };
}

const run = async (servable: { run(call: never): Promise<Tensors> }) =>
  servable.run({
    signature: "serving_default",
    inputs: { x: tensor("float32", [1], new Float32Array(1)) },
    signal: new AbortController().signal,
  } as never);

describe("the manager", () => {
  test("brings a version through TensorFlow Serving's states and gives it back", async () => {
    const { manager, model, states, see, settled, gone } = await house();
    manager.add(model);
    see(1n);
    await settled();
    expect(manager.routes.get("m")?.latest?.version).toBe(1n);
    see();
    await gone(1n);
    expect(states()).toEqual(["1 START", "1 LOADING", "1 AVAILABLE", "1 UNLOADING", "1 END"]);
    expect(manager.routes.get("m")?.latest).toBeUndefined();
    expect(manager.status("m")).toEqual([{ version: 1n, state: "END", code: "OK", message: "" }]);
  });

  test("availability-preserving: the new version is there before the old one goes", async () => {
    const { manager, model, states, see, settled, gone } = await house();
    manager.add(model);
    see(1n);
    await settled();
    see(1n, 2n);
    await gone(1n);
    const order = states();
    expect(order.indexOf("2 AVAILABLE")).toBeLessThan(order.indexOf("1 UNLOADING"));
  });

  test("resource-preserving: the old version is gone before the new one comes", async () => {
    const { manager, model, states, see, settled } = await house({ policy: resourcePlugin });
    manager.add(model);
    see(1n);
    await settled();
    see(1n, 2n);
    await settled();
    const order = states();
    expect(order.indexOf("1 END")).toBeLessThan(order.indexOf("2 LOADING"));
  });

  test("a version that fails keeps the error and does not touch the one that serves", async () => {
    const { manager, model, see, settled } = await house({
      load: async (version) => {
        if (version === 2n) throw new ServingError("FAILED_PRECONDITION", "op Foo does not lower");
      },
    });
    manager.add(model);
    see(1n);
    await settled();
    see(2n, 1n);
    await settled();
    expect(manager.routes.get("m")?.latest?.version).toBe(1n);
    expect(manager.status("m")).toEqual([
      { version: 2n, state: "END", code: "FAILED_PRECONDITION", message: "op Foo does not lower" },
      { version: 1n, state: "AVAILABLE", code: "OK", message: "" },
    ]);
  });

  test("a failed version is tried again when it comes with another attempt; one that is loaded stays", async () => {
    let broken = true;
    const { manager, model, states, settled, attempts } = await house({
      load: async () => {
        if (broken) throw new ServingError("FAILED_PRECONDITION", "half a file");
      },
    });
    const sight = (attempt: string | undefined) => manager.sight("m", [{ ...artifact(1n), attempt }]);
    manager.add(model);
    sight("a");
    await settled();
    expect(manager.status("m")[0]).toMatchObject({ state: "END", code: "FAILED_PRECONDITION" });
    broken = false;
    sight("a");
    await settled();
    expect(attempts.get(1n)).toBe(1);
    sight("b");
    await settled();
    expect(manager.status("m")).toEqual([{ version: 1n, state: "AVAILABLE", code: "OK", message: "" }]);
    sight("c");
    await settled();
    expect(states().filter((state) => state === "1 LOADING")).toHaveLength(2);
  });

  test("a failed version is tried again only after it has left and come back", async () => {
    let broken = true;
    const { manager, model, see, settled, attempts } = await house({
      load: async () => {
        if (broken) throw new ServingError("FAILED_PRECONDITION", "broken");
      },
    });
    manager.add(model);
    see(1n);
    await settled();
    broken = false;
    see(1n);
    await settled();
    expect(attempts.get(1n)).toBe(1);
    see();
    see(1n);
    await until(() => manager.routes.get("m")?.latest !== undefined);
    expect(attempts.get(1n)).toBe(2);
  });

  test("loads are tried again as the rules say, and not when trying cannot help", async () => {
    const { manager, model, see, settled, attempts } = await house({
      load: async (version, _signal, attempt) => {
        if (version === 1n && attempt < 2) throw new Error("the disk hiccuped");
        if (version === 2n) throw new Error("the disk is gone");
        if (version === 3n) throw new ServingError("UNIMPLEMENTED", "never");
      },
    });
    manager.add({ ...model, versions: { kind: "all" } });
    see(1n, 2n, 3n);
    await settled();
    expect([...attempts.entries()].sort()).toEqual([
      [1n, 3],
      [2n, 3],
      [3n, 1],
    ]);
    expect(manager.status("m").map(({ state, code, message }) => [state, code, message])).toEqual([
      ["END", "UNIMPLEMENTED", "never"],
      ["END", "INTERNAL", "the disk is gone"],
      ["AVAILABLE", "OK", ""],
    ]);
  });

  test("where the rules say so, every failure is tried again", async () => {
    const { manager, model, see, settled, attempts } = await house({
      load: async (version, _signal, attempt) => {
        if (attempt < Number(version)) throw new ServingError("UNIMPLEMENTED", "not yet");
      },
    });
    manager.add({ ...model, versions: { kind: "all" }, load: { ...model.load, retryOn: "any" } });
    see(2n, 9n);
    await settled();
    expect([...attempts.entries()].sort()).toEqual([
      [2n, 3],
      [9n, 3],
    ]);
    expect(manager.status("m").map(({ state, code }) => [state, code])).toEqual([
      ["END", "UNIMPLEMENTED"],
      ["AVAILABLE", "OK"],
    ]);
  });

  test.each([
    ["between two attempts", 1],
    ["in a later attempt", 2],
  ])("a load that is called off %s ends with the error of its last attempt", async (_when, calledOffIn) => {
    let broken = true;
    const { manager, model, events, see, settled, gone, attempts } = await house({
      load: async (_version, signal, attempt) => {
        if (!broken) return;
        if (attempt === 0) throw new ServingError("DATA_LOSS", "half a file");
        await systemClock.sleep(60_000, signal);
      },
      sleep: (_ms, signal) => (calledOffIn === 1 ? systemClock.sleep(60_000, signal) : Promise.resolve()),
    });
    manager.add(model);
    see(1n);
    await until(() => attempts.get(1n) === calledOffIn);
    await new Promise((resolve) => setImmediate(resolve));
    see();
    await gone(1n);
    const ended = { version: 1n, state: "END", code: "DATA_LOSS", message: "half a file" };
    expect(events.at(-1)).toMatchObject(ended);
    expect(manager.status("m")).toEqual([ended]);
    broken = false;
    see(1n);
    await settled();
    expect(manager.status("m")).toEqual([{ version: 1n, state: "AVAILABLE", code: "OK", message: "" }]);
  });

  test("a load that is called off before anything failed ends with OK", async () => {
    const { manager, model, see, gone, attempts } = await house({
      load: (_version, signal) => systemClock.sleep(60_000, signal),
    });
    manager.add(model);
    see(1n);
    await until(() => attempts.get(1n) === 1);
    see();
    await gone(1n);
    expect(manager.status("m")).toEqual([{ version: 1n, state: "END", code: "OK", message: "" }]);
  });

  test("a version in use waits for its last hold before it is disposed", async () => {
    const { manager, model, diary, see, settled, gone } = await house();
    manager.add(model);
    see(1n);
    await settled();
    const release = manager.routes.get("m")?.latest?.hold() ?? (() => {});
    see(2n);
    await until(
      () =>
        manager.routes.get("m")?.latest?.version === 2n &&
        manager.status("m").some(({ state }) => state === "UNLOADING"),
    );
    expect(diary).toEqual(["load 1", "load 2"]);
    release();
    release();
    await gone(1n);
    expect(diary).toEqual(["load 1", "load 2", "dispose 1"]);
  });

  test("no more loads are under way at once than allowed", async () => {
    let now = 0;
    let most = 0;
    const { manager, model, see, settled } = await house({
      concurrency: 2,
      load: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
      },
    });
    manager.add({ ...model, versions: { kind: "all" } });
    see(1n, 2n, 3n, 4n, 5n);
    await settled();
    expect(most).toBe(2);
  });

  test("a load that is no longer wanted is called off; wanted again, it starts afresh", async () => {
    let aborted = 0;
    const { manager, model, see, settled, attempts } = await house({
      load: (_version, signal, attempt) =>
        attempt > 0
          ? Promise.resolve()
          : new Promise((_, reject) => {
              signal.addEventListener("abort", () => {
                aborted++;
                reject(new Error("called off"));
              });
            }),
    });
    manager.add(model);
    see(1n);
    await until(() => attempts.get(1n) === 1);
    see();
    see(1n);
    await settled();
    expect(aborted).toBe(1);
    expect(manager.status("m")).toEqual([{ version: 1n, state: "AVAILABLE", code: "OK", message: "" }]);
  });

  test("what does not fit into memory fails, and what is leaving makes room", async () => {
    const { manager, model, see, settled } = await house({ limit: 20 });
    manager.add({ ...model, versions: { kind: "all" } });
    see(1n, 2n, 3n);
    await settled();
    const failed = manager.status("m").filter(({ code }) => code === "RESOURCE_EXHAUSTED");
    expect(failed).toHaveLength(1);
    expect(failed[0]?.message).toMatch(/^Insufficient resources to load servable \{name: m version: \d\}/);
    see(4n);
    await until(() => manager.routes.get("m")?.latest?.version === 4n);
  });

  test("a removed model unloads everything, and its name is free again", async () => {
    const { manager, model, diary, see, settled } = await house();
    manager.add(model);
    see(1n);
    await settled();
    await manager.remove("m");
    expect(diary).toEqual(["load 1", "dispose 1"]);
    expect(manager.routes.has("m")).toBe(false);
    expect(manager.status("m")).toEqual([{ version: 1n, state: "END", code: "OK", message: "" }]);
    expect(() => manager.status("never")).toThrow("Could not find any versions of model never");
    manager.add(model);
  });

  test("a removed model that comes back waits for its versions that still wind down", async () => {
    const { manager, model, diary, see, settled, states } = await house();
    manager.add(model);
    see(1n);
    await settled();
    const release = manager.routes.get("m")?.latest?.hold();
    const removed = manager.remove("m");
    manager.add(model);
    await removed;
    see(1n);
    await until(() => states().at(-1) === "1 UNLOADING");
    expect(manager.routes.get("m")?.latest).toBeUndefined();
    release?.();
    await settled();
    expect(diary).toEqual(["load 1", "dispose 1", "load 1"]);
    expect(manager.routes.get("m")?.latest?.version).toBe(1n);
  });

  test("another choice of versions takes effect at once, from what was seen", async () => {
    const { manager, model, see, settled, gone } = await house();
    manager.add(model);
    see(1n, 2n, 3n);
    await settled();
    manager.update({ ...model, versions: { kind: "specific", versions: [1n] } }, { repointed: false });
    await gone(3n);
    expect([...(manager.routes.get("m")?.versions.keys() ?? [])]).toEqual([1n]);
  });

  test("a repointed model serves what it has until a version of the new place is aspired", async () => {
    const { manager, model, see, settled, states } = await house();
    manager.add(model);
    see(1n);
    await settled();
    manager.update(model, { repointed: true });
    expect(manager.settled("m")).toBe(false);
    see();
    expect(states().at(-1)).toBe("1 AVAILABLE");
    see(2n);
    await until(() => states().at(-1) === "1 END");
    const order = states();
    expect(order.indexOf("2 AVAILABLE")).toBeLessThan(order.indexOf("1 UNLOADING"));
    see();
    await until(() => states().at(-1) === "2 END");
  });

  test("a repointed model: a version of a number that is loaded stays as it is, one that failed is tried at the new place", async () => {
    const { manager, model, diary, settled } = await house({
      load: async (version, _signal, attempt) => {
        if (version === 2n && attempt === 0) throw new ServingError("FAILED_PRECONDITION", "broken");
      },
    });
    const opened: string[] = [];
    const at = (place: string) =>
      [1n, 2n].map((version) =>
        artifact(version, async () => {
          opened.push(`${place}/${version}`);
          return `${place}/${version}`;
        }),
      );
    const all: ManagedModel = { ...model, versions: { kind: "all" } };
    manager.add(all);
    manager.sight("m", at("old"));
    await settled();
    expect(diary).toEqual(["load 1"]);
    manager.update(all, { repointed: true });
    manager.sight("m", at("new"));
    await settled();
    expect(opened.sort()).toEqual(["new/2", "old/1", "old/2"]);
    expect(diary).toEqual(["load 1", "load 2"]);
  });

  test("a version that waits in line while its model is repointed is loaded from the new place", async () => {
    let finish = () => {};
    const { manager, model, settled } = await house({
      concurrency: 1,
      load: async (version) => {
        if (version === 2n) await new Promise<void>((resolve) => (finish = resolve));
      },
    });
    const opened: string[] = [];
    const at = (place: string) =>
      [1n, 2n].map((version) =>
        artifact(version, async () => {
          opened.push(`${place}/${version}`);
          return place;
        }),
      );
    const all: ManagedModel = { ...model, versions: { kind: "all" } };
    manager.add(all);
    manager.sight("m", at("old"));
    manager.update(all, { repointed: true });
    manager.sight("m", at("new"));
    await until(() => {
      finish();
      return manager.settled("m");
    });
    await settled();
    expect(opened).toEqual(["old/2", "new/1"]);
  });

  test("a label moves when its new version can be reached, and is gone as soon as it is dropped", async () => {
    let finish = () => {};
    const { manager, model, see, settled } = await house({
      load: async (version) => {
        if (version === 2n) await new Promise<void>((resolve) => (finish = resolve));
      },
    });
    const versions = { kind: "all" } as const;
    manager.add({ ...model, versions });
    see(1n);
    await settled();
    manager.update({ ...model, versions, labels: new Map([["stable", 2n]]) }, { repointed: false });
    see(1n, 2n);
    expect(manager.routes.get("m")?.labels.get("stable")).toBe(1n);
    await until(() => {
      finish();
      return manager.settled("m");
    });
    expect(manager.routes.get("m")?.labels.get("stable")).toBe(2n);
    manager.update({ ...model, versions, labels: new Map() }, { repointed: false });
    expect(manager.routes.get("m")?.labels.size).toBe(0);
  });

  test("the routing table is replaced, never changed", async () => {
    const { manager, model, see, settled } = await house();
    manager.add(model);
    see(1n);
    await settled();
    const before = manager.routes;
    see(2n);
    await until(() => manager.routes.get("m")?.latest?.version === 2n);
    expect(before.get("m")?.latest?.version).toBe(1n);
    expect(await run(before.get("m")?.latest?.servable as never)).toBeDefined();
  });
});

describe("the manager's own edges", () => {
  test("a wrapper that throws fails the load, and what was loaded is given back", async () => {
    const { manager, model, diary, see, settled } = await house();
    manager.add({
      ...model,
      wrap: () => {
        throw new ServingError("FAILED_PRECONDITION", "cannot be batched");
      },
    });
    see(1n);
    await settled();
    expect(diary).toEqual(["load 1", "dispose 1"]);
    expect(manager.status("m")[0]?.message).toBe("cannot be batched");
  });

  test("a version whose model gets another wrapper while it loads is wrapped by that one", async () => {
    let finish = () => {};
    const { manager, model, see, settled } = await house({
      load: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    const engine = () => manager.routes.get("m")?.latest?.servable.engine;
    const wrap =
      (name: string): ManagedModel["wrap"] =>
      (servable) => ({ ...servable, engine: name });
    manager.add({ ...model, wrap: wrap("old") });
    see(1n);
    await until(() => manager.status("m")[0]?.state === "LOADING");
    await manager.update({ ...model, wrap: wrap("new") }, { repointed: false });
    finish();
    await settled();
    await until(() => engine() === "new", "the new wrapper");
  });

  test("a listener that calls back into the manager disturbs no step under way", async () => {
    const { manager, model, diary, see, settled, events } = await house();
    manager.add({ ...model, versions: { kind: "all" } });
    const push = events.push.bind(events);
    events.push = (event) => {
      if (event.state === "START" && event.version === 1n) see(1n, 2n, 3n);
      return push(event);
    };
    see(1n, 2n);
    await until(() => manager.routes.get("m")?.versions.size === 3);
    await settled();
    expect(diary.sort()).toEqual(["load 1", "load 2", "load 3"]);
  });

  test("a version that is seen elsewhere before its load begins is loaded from there", async () => {
    const opened: string[] = [];
    const { manager, model, settled } = await house({ concurrency: 1 });
    manager.add({ ...model, versions: { kind: "all" } });
    const at = (version: bigint, place: string): Artifact => ({
      version,
      uri: place,
      open: async () => {
        opened.push(place);
        return place;
      },
    });
    manager.sight("m", [at(1n, "old 1"), at(2n, "old 2")]);
    manager.sight("m", [at(1n, "new 1"), at(2n, "new 2")]);
    await settled();
    expect(opened).toEqual(["old 2", "new 1"]);
  });

  test("a model with many versions does not keep others waiting", async () => {
    const order: string[] = [];
    const { manager, model, see } = await house({ concurrency: 1 });
    const noting = (name: string): ManagedModel => ({
      ...model,
      name,
      versions: { kind: "all" },
      wrap: (servable) => {
        order.push(name);
        return servable;
      },
    });
    manager.add(noting("m"));
    manager.add(noting("n"));
    see(1n, 2n, 3n);
    manager.sight("n", [artifact(1n)]);
    await until(() => order.length === 4);
    expect(order.indexOf("n")).toBe(1);
  });

  test("a load that waits for memory can be called off", async () => {
    let finish = () => {};
    const { manager, model, see, gone } = await house({
      limit: 10,
      load: (version) => (version === 2n ? new Promise<void>((resolve) => (finish = resolve)) : Promise.resolve()),
    });
    manager.add({ ...model, versions: { kind: "all" } });
    see(1n, 2n);
    await until(() => manager.status("m").every(({ state }) => state === "LOADING"));
    see(2n);
    await gone(1n);
    finish();
    await until(() => manager.routes.get("m")?.latest?.version === 2n);
  });
});
