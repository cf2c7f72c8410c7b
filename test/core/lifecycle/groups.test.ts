import { ServingError, type VersionPolicy } from "salver";
import { expect, test } from "vitest";
import type { ManagedModel } from "../../../core/lifecycle/entry.js";
import { createEventBus } from "../../../core/lifecycle/events.js";
import { createManager } from "../../../core/lifecycle/manager.js";
import { createMemoryLedger } from "../../../core/lifecycle/memory.js";
import { silentLogger } from "../../../core/logger.js";
import { availabilityPreserving } from "../../../plugins/policies/availability-preserving/policy.js";
import { resourcePreserving } from "../../../plugins/policies/resource-preserving/policy.js";
import { artifact, fakeServable, until } from "../../support/core-fakes.js";

type Load = (name: string, version: bigint, attempt: number) => Promise<void>;

/** The models a and b of the group g, whose versions load when and as the test says. */
function house(load: Load = async () => {}, policy: VersionPolicy = availabilityPreserving, concurrency = 4) {
  const diary: string[] = [];
  const states: string[] = [];
  const attempts = new Map<string, number>();
  const events = createEventBus((error) => {
    throw error;
  });
  events.subscribe(({ model, version, state }) => states.push(`${model}${version} ${state}`));
  const manager = createManager({
    clock: { now: () => 0, sleep: async () => {} },
    log: silentLogger,
    events,
    memory: createMemoryLedger(),
    loadConcurrency: concurrency,
  });
  const model = (name: string, more: Partial<ManagedModel> = {}): ManagedModel => ({
    name,
    group: "g",
    versions: { kind: "latest", count: 1 },
    policy,
    labels: new Map(),
    load: { retries: 0, retryInterval: 0, retryOn: "hopeful" },
    wrap: (servable) => servable,
    loader: async () => ({
      type: "fake",
      make: (local) => ({
        estimate: async () => ({ memory: 0 }),
        load: async () => {
          const key = `${name}${local.version}`;
          attempts.set(key, (attempts.get(key) ?? 0) + 1);
          await load(name, local.version, attempts.get(key) ?? 0);
          return fakeServable(local, diary);
        },
      }),
    }),
    ...more,
  });
  const see = (name: string, ...versions: readonly bigint[]) =>
    manager.sight(
      name,
      versions.map((version) => artifact(version)),
    );
  const seeAll = (...versions: readonly bigint[]) => {
    for (const name of ["a", "b"]) see(name, ...versions);
  };
  const add = (more: Partial<ManagedModel> = {}) =>
    manager.atOnce(() => {
      for (const name of ["a", "b"]) manager.add(model(name, more));
    });
  const served = () => ["a", "b"].map((name) => [...(manager.routes.get(name)?.versions.keys() ?? [])].sort());
  const settled = () => until(() => manager.settled("a") && manager.settled("b"), "the group to settle");
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { manager, model, see, seeAll, add, served, settled, quiet, states, diary, attempts };
}

const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

test("a version of a group is loaded when all have it, and reached when all have loaded it", async () => {
  const { open, opened } = gate();
  const { manager, see, add, served, settled, quiet, states } = house(async (name) => {
    if (name === "b") await opened;
  });
  add();
  see("a", 1n);
  await quiet();
  expect(states).toEqual([]);
  expect(manager.settled("a")).toBe(false);
  see("b", 1n);
  await until(() => manager.status("a")[0]?.message !== "");
  expect(manager.status("a")).toEqual([
    { version: 1n, state: "LOADING", code: "OK", message: "loaded; waits for b of the group g" },
  ]);
  expect(served()).toEqual([[], []]);
  expect(manager.settled("a")).toBe(false);
  open();
  await settled();
  expect(served()).toEqual([[1n], [1n]]);
  expect(manager.status("a")).toEqual([{ version: 1n, state: "AVAILABLE", code: "OK", message: "" }]);
  expect(states.slice(-2)).toEqual(["a1 AVAILABLE", "b1 AVAILABLE"]);
});

test("the next version replaces the last in one replacement of the table, and only then that is unloaded", async () => {
  const { manager, seeAll, add, served, settled, states } = house();
  const tables = new Set<string>();
  const look = () => tables.add(JSON.stringify(served().map((versions) => versions.map(Number))));
  add();
  seeAll(1n);
  await settled();
  const before = manager.routes;
  seeAll(2n);
  for (let i = 0; i < 50; i++) {
    look();
    await Promise.resolve();
  }
  await settled();
  await until(() => states.includes("b1 END"));
  look();
  expect([...tables]).toEqual(["[[1],[1]]", "[[1,2],[1,2]]", "[[2],[2]]"].filter((each) => tables.has(each)));
  expect(states.indexOf("b2 AVAILABLE")).toBeLessThan(states.indexOf("a1 UNLOADING"));
  expect(manager.routes).not.toBe(before);
});

test("when one fails, the group stays where it is, the rest is given back, and status says why", async () => {
  const { manager, seeAll, add, served, settled, diary } = house(async (name, version) => {
    if (name === "b" && version === 2n) throw new ServingError("FAILED_PRECONDITION", "op Foo does not lower");
  });
  add();
  seeAll(1n);
  await settled();
  seeAll(2n);
  await until(() => diary.includes("dispose 2"));
  await settled();
  expect(served()).toEqual([[1n], [1n]]);
  expect(manager.status("b")[0]).toEqual({
    version: 2n,
    state: "END",
    code: "FAILED_PRECONDITION",
    message: "op Foo does not lower",
  });
  await until(() => manager.status("a")[0]?.state === "END");
  expect(manager.status("a")[0]).toEqual({
    version: 2n,
    state: "END",
    code: "ABORTED",
    message: "version 2 of the group g cannot be had, for that of b: FAILED_PRECONDITION: op Foo does not lower",
  });
  expect(manager.status("a")[1]).toMatchObject({ version: 1n, state: "AVAILABLE" });
});

test("what failed is tried again, by all, when its files have left and come back", async () => {
  const { see, seeAll, add, served, settled, quiet, attempts } = house(async (name, version, attempt) => {
    if (name === "b" && version === 2n && attempt === 1) throw new ServingError("DATA_LOSS", "half a file");
  });
  add();
  seeAll(1n);
  await settled();
  seeAll(1n, 2n);
  await settled();
  see("a", 1n, 2n);
  await quiet();
  expect(attempts.get("b2")).toBe(1);
  see("b", 1n);
  see("b", 1n, 2n);
  await until(() => served()[0]?.includes(2n) ?? false);
  expect(attempts.get("b2")).toBe(2);
  await until(() => served()[0]?.length === 1);
  expect(served()).toEqual([[2n], [2n]]);
});

test("a retry within a load is waited for", async () => {
  const { model, manager, seeAll, served, settled } = house(async (name, _version, attempt) => {
    if (name === "b" && attempt < 3) throw new ServingError("UNAVAILABLE", "the disk hiccuped");
  });
  const load = { retries: 2, retryInterval: 5, retryOn: "hopeful" } as const;
  manager.atOnce(() => {
    for (const name of ["a", "b"]) manager.add(model(name, { load }));
  });
  seeAll(1n);
  await settled();
  expect(served()).toEqual([[1n], [1n]]);
});

test("resource-preserving: the whole group is gone before any of the next is loaded", async () => {
  const { seeAll, add, settled, served, states } = house(undefined, resourcePreserving);
  add();
  seeAll(1n);
  await settled();
  seeAll(2n);
  await settled();
  expect(served()).toEqual([[2n], [2n]]);
  const last = Math.max(states.indexOf("a1 END"), states.indexOf("b1 END"));
  expect(last).toBeLessThan(states.indexOf("a2 LOADING"));
  expect(last).toBeLessThan(states.indexOf("b2 LOADING"));
});

test("with room for one load at a time a group comes up all the same", async () => {
  const { seeAll, add, settled, served } = house(undefined, availabilityPreserving, 1);
  add({ versions: { kind: "all" } });
  seeAll(1n, 2n);
  await settled();
  expect(served()).toEqual([
    [1n, 2n],
    [1n, 2n],
  ]);
});

test("while files are exchanged and no number is common, what serves stays; with nothing left for one, all goes", async () => {
  const { see, seeAll, add, settled, quiet, served } = house();
  add();
  seeAll(1n);
  await settled();
  see("a", 2n);
  await quiet();
  expect(served()).toEqual([[1n], [1n]]);
  see("b", 2n);
  await until(() => served()[1]?.[0] === 2n && served()[1]?.length === 1);
  expect(served()).toEqual([[2n], [2n]]);
  see("a");
  await until(() => served().flat().length === 0);
});

test("models that are grouped while they serve go on until they have a version in common", async () => {
  const { manager, model, see, seeAll, add, settled, quiet, served, diary } = house();
  add({ group: undefined });
  see("a", 3n);
  see("b", 5n);
  await settled();
  manager.atOnce(() => {
    for (const name of ["a", "b"]) void manager.update(model(name), { repointed: false });
  });
  await quiet();
  expect(served()).toEqual([[3n], [5n]]);
  seeAll(3n, 4n);
  await until(() => served().flat().length === 2 && served()[0]?.[0] === 4n);
  expect(served()).toEqual([[4n], [4n]]);
  await until(() => diary.filter((each) => each.startsWith("dispose")).length === 2);
});

test("another choice of versions takes effect for the group as a whole", async () => {
  const { manager, model, seeAll, add, settled, served, states } = house();
  add();
  seeAll(1n, 2n);
  await settled();
  const versions = { kind: "specific", versions: [1n] } as const;
  const loads = states.length;
  manager.atOnce(() => {
    void manager.update(model("a", { versions }), { repointed: false });
    expect(states.length).toBe(loads);
    void manager.update(model("b", { versions }), { repointed: false });
  });
  await until(() => served()[0]?.[0] === 1n && served()[0]?.length === 1);
  expect(served()).toEqual([[1n], [1n]]);
});

test("labels move for all members at once, when their version is there", async () => {
  const { open, opened } = gate();
  const { manager, model, seeAll, add, settled, quiet } = house(async (name, version) => {
    if (name === "b" && version === 2n) await opened;
  });
  const labelled = (version: bigint) =>
    ({ labels: new Map([["stable", version]]), versions: { kind: "all" } }) as const;
  const stable = () => ["a", "b"].map((name) => manager.routes.get(name)?.labels.get("stable"));
  add(labelled(1n));
  seeAll(1n);
  await settled();
  manager.atOnce(() => {
    for (const name of ["a", "b"]) void manager.update(model(name, labelled(2n)), { repointed: false });
  });
  seeAll(1n, 2n);
  await quiet();
  expect(stable()).toEqual([1n, 1n]);
  open();
  await settled();
  expect(stable()).toEqual([2n, 2n]);
});

test("a removed group is gone as a whole", async () => {
  const { manager, seeAll, add, settled, served } = house();
  add();
  seeAll(1n);
  await settled();
  const tables: number[] = [];
  const gone: Promise<void>[] = [];
  manager.atOnce(() => {
    for (const name of ["a", "b"]) gone.push(manager.remove(name));
    tables.push(served().flat().length);
  });
  tables.push(served().flat().length);
  await Promise.all(gone);
  expect(tables).toEqual([2, 0]);
  expect(manager.routes.size).toBe(0);
});
