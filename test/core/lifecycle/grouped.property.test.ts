import fc from "fast-check";
import { ServingError, type VersionPolicy } from "salver";
import { describe, expect, test } from "vitest";
import type { ManagedModel } from "../../../core/lifecycle/entry.js";
import { createEventBus } from "../../../core/lifecycle/events.js";
import { reconcileGroup } from "../../../core/lifecycle/grouped.js";
import { createManager } from "../../../core/lifecycle/manager.js";
import { createMemoryLedger } from "../../../core/lifecycle/memory.js";
import { reconcile } from "../../../core/lifecycle/reconcile.js";
import { silentLogger } from "../../../core/logger.js";
import type { Phase } from "../../../core/version-policy.js";
import { availabilityPreserving } from "../../../plugins/policies/availability-preserving/policy.js";
import { resourcePreserving } from "../../../plugins/policies/resource-preserving/policy.js";
import { artifact, fakeServable } from "../../support/core-fakes.js";

const policies: Readonly<Record<string, VersionPolicy>> = {
  "availability-preserving": availabilityPreserving,
  "resource-preserving": resourcePreserving,
};
const version = fc.bigInt({ min: 1n, max: 4n });
const versions = fc.uniqueArray(version, { maxLength: 4 });
const phase = fc.constantFrom<Phase>("new", "loading", "ready", "unloading", "done", "error");
const standing = fc.record({ phase, published: fc.boolean() }).map(({ phase, published }) => ({
  phase,
  published: published && phase === "ready",
}));
const standings = fc.array(fc.tuple(version, standing), { maxLength: 4 }).map((entries) => new Map(entries));

describe.each(Object.entries(policies))("reconciling a group, %s", (_name, policy) => {
  test("a group of one is a model, once what it has loaded is published", () => {
    fc.assert(
      fc.property(versions, fc.array(fc.tuple(version, phase)), (aspired, entries) => {
        const live = new Map(entries);
        const member = new Map([...live].map(([each, phase]) => [each, { phase, published: phase === "ready" }]));
        const own = reconcileGroup(new Set(aspired), [member], policy).map(({ kind, version }) => ({ kind, version }));
        const sorted = (steps: readonly { kind: string; version: bigint }[]) =>
          steps.map(({ kind, version }) => `${kind} ${version}`).sort();
        expect(sorted(own)).toEqual(sorted(reconcile(new Set(aspired), live, policy)));
      }),
    );
  });

  test("each step can be taken by the member that is to take it, and no member has two that exclude each other", () => {
    const may: Readonly<Record<string, readonly (Phase | undefined)[]>> = {
      track: [undefined, "done"],
      forget: ["new", "done", "error"],
      cancel: ["loading"],
      load: [undefined, "done", "new"],
      unload: ["ready"],
    };
    fc.assert(
      fc.property(versions, fc.array(standings, { minLength: 1, maxLength: 3 }), (aspired, members) => {
        const steps = reconcileGroup(new Set(aspired), members, policy);
        for (const { kind, version, member } of steps) {
          expect(may[kind]).toContain(members[member]?.get(version)?.phase);
          if (kind === "load" || kind === "track") expect(aspired).toContain(version);
          const serving = members[member]?.get(version)?.published;
          if (kind === "unload" && serving) expect(aspired).not.toContain(version);
        }
        const others = steps
          .filter(({ kind }) => kind !== "track")
          .map(({ version, member }) => `${member} ${version}`);
        expect(new Set(others).size).toBe(others.length);
      }),
    );
  });
});

type Change =
  | { readonly kind: "sight"; readonly models: readonly number[]; readonly versions: readonly bigint[] }
  | { readonly kind: "finish"; readonly which: number; readonly loads: boolean }
  | { readonly kind: "choose"; readonly count: number }
  | { readonly kind: "leave" | "join"; readonly model: number }
  | { readonly kind: "hold" | "release"; readonly model: number };

const names = ["a", "b", "c"] as const;
const model = fc.nat({ max: names.length - 1 });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sight"), models: fc.tuple(model), versions }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("sight"), models: fc.constant([0, 1, 2]), versions }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("finish"),
      which: fc.nat(),
      loads: fc.nat({ max: 5 }).map((n) => n !== 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("choose"), count: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("leave", "join"), model }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("hold", "release"), model }) },
);

/** A manager whose loads end when, and as, the test says. */
function house(policy: VersionPolicy, look: () => void) {
  const pending: { readonly end: (loads: boolean) => void }[] = [];
  const events = createEventBus((error) => {
    throw error;
  });
  events.subscribe(() => look());
  const manager = createManager({
    clock: { now: () => 0, sleep: async () => {} },
    log: silentLogger,
    events,
    memory: createMemoryLedger(),
    loadConcurrency: 3,
  });
  const modelOf = (name: string, count: number, group: string | undefined): ManagedModel => ({
    name,
    group,
    versions: { kind: "latest", count },
    policy,
    labels: new Map(),
    load: { retries: 1, retryInterval: 0, retryOn: "hopeful" },
    wrap: (servable) => servable,
    loader: async () => ({
      type: "fake",
      make: (local) => ({
        estimate: async () => ({ memory: 0 }),
        load: (signal) =>
          new Promise((resolve, reject) => {
            const end = (loads: boolean) => {
              const place = pending.indexOf(own);
              if (place >= 0) pending.splice(place, 1);
              if (loads && !signal.aborted) resolve(fakeServable(local, []));
              else reject(new ServingError("UNAVAILABLE", "not today"));
            };
            const own = { end };
            pending.push(own);
            signal.addEventListener("abort", () => end(false));
          }),
      }),
    }),
  });
  return { manager, pending, modelOf };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(Object.entries(policies))("a group under change, %s", (name, policy) => {
  test("the table never shows a mixed set, and in the end it shows what all have", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 60, size: "max" }), async (changes) => {
        let formed = false;
        // A member that joins with nothing in common with the others goes on by itself until it has.
        let together = false;
        let shown = new Set<bigint>();
        let emptied = true;
        const faults: string[] = [];
        const grouped = new Set<string>(names);
        const routed = (each: string) => new Set(manager.routes.get(each)?.versions.keys() ?? []);
        const look = () => {
          const sets = [...grouped].map(routed);
          const same = sets.every((set) => set.size === sets[0]?.size && [...set].every((each) => sets[0]?.has(each)));
          if (formed && !same) faults.push([...grouped].map((each) => `${each}: ${[...routed(each)]}`).join("; "));
          formed ||= together && same && (sets[0]?.size ?? 0) > 0;
          if (name === "availability-preserving" && formed && !emptied && shown.size > 0 && sets[0]?.size === 0) {
            faults.push(`nothing answers any more, after ${[...shown]}`);
          }
          shown = same ? new Set(sets[0]) : new Set();
        };
        const { manager, pending, modelOf } = house(policy, () => look());
        let count = 1;
        const seen = new Map<string, readonly bigint[]>();
        const holds: (() => void)[] = [];
        const meet = () => {
          const [first = [], ...others] = [...grouped].map((each) => seen.get(each) ?? []);
          const common = first.filter((version) => others.every((versions) => versions.includes(version)));
          together ||= common.length > 0;
        };
        const sight = (each: string, found: readonly bigint[]) => {
          seen.set(each, found);
          emptied ||= found.length === 0;
          meet();
          manager.sight(
            each,
            found.map((one) => artifact(one)),
          );
        };
        manager.atOnce(() => {
          for (const each of names) manager.add(modelOf(each, count, "g"));
        });
        const update = () => {
          formed = false;
          together = false;
          meet();
          manager.atOnce(() => {
            for (const each of names) {
              void manager.update(modelOf(each, count, grouped.has(each) ? "g" : undefined), { repointed: false });
            }
          });
        };

        for (const each of changes) {
          if (each.kind === "sight") {
            emptied = false;
            for (const one of each.models) sight(names[one] as string, each.versions);
          } else if (each.kind === "finish") {
            pending[each.which % Math.max(1, pending.length)]?.end(each.loads);
          } else if (each.kind === "choose") {
            count = each.count;
            const before: readonly [boolean, boolean] = [formed, together];
            update();
            [formed, together] = before;
          } else if (each.kind === "hold") {
            const route = manager.routes.get(names[each.model] as string)?.latest;
            if (route) holds.push(route.hold());
          } else if (each.kind === "release") {
            holds.shift()?.();
          } else {
            const member = names[each.model] as string;
            const [from, to] = [grouped.has(member), each.kind === "join"];
            if (from === to) continue;
            if (to) grouped.add(member);
            else grouped.delete(member);
            update();
          }
          look();
          await turn();
          look();
        }
        expect(faults).toEqual([]);

        // Whatever has failed gets another chance by leaving and coming back.
        for (const release of holds) release();
        const finishAll = async () => {
          for (let idle = 0; idle < 4; idle = pending.length > 0 ? 0 : idle + 1) {
            pending[0]?.end(true);
            await turn();
            look();
          }
        };
        if (!grouped.has("a") || grouped.size < names.length) {
          for (const each of names) grouped.add(each);
          update();
        }
        emptied = true;
        for (const each of names) sight(each, []);
        await finishAll();
        for (const each of names) sight(each, each === "b" ? [1n, 3n] : [1n, 2n, 3n]);
        await finishAll();
        expect(faults).toEqual([]);
        const common = new Set(count === 1 ? [3n] : [1n, 3n]);
        for (const each of names) {
          expect(routed(each)).toEqual(common);
          const loaded = manager.describe().filter(({ model, state }) => model === each && state !== "END");
          expect(new Set(loaded.map(({ version }) => version))).toEqual(common);
        }
        await manager[Symbol.asyncDispose]();
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
