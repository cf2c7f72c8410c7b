import fc from "fast-check";
import type { Phase, VersionPolicy } from "salver";
import { phases } from "salver/testing";
import { describe, expect, test } from "vitest";
import { reconcile, type Step } from "../../../core/lifecycle/reconcile.js";
import { availabilityPreserving } from "../../../plugins/policies/availability-preserving/policy.js";
import { resourcePreserving } from "../../../plugins/policies/resource-preserving/policy.js";

type Live = ReadonlyMap<bigint, Phase>;

const version = fc.bigInt({ min: -2n, max: 7n });
const anyAspired: fc.Arbitrary<ReadonlySet<bigint>> = fc
  .uniqueArray(version, { maxLength: 6 })
  .map((versions) => new Set(versions));
const anyLive: fc.Arbitrary<Live> = fc
  .uniqueArray(fc.tuple(version, fc.constantFrom(...phases)), { maxLength: 8, selector: ([each]) => each })
  .map((entries) => new Map(entries));

const holding = (phase: Phase | undefined) => phase === "loading" || phase === "ready" || phase === "unloading";
const count = (live: Live, phase: Phase) => [...live.values()].filter((each) => each === phase).length;
const steps = (plan: readonly Step[], kind: Step["kind"]) =>
  plan.filter((step) => step.kind === kind).map((step) => step.version);

/** What an executor does at once when it is given a plan; loads and unloads have only begun then. */
function carryOut(plan: readonly Step[], live: Live): Live {
  const next = new Map(live);
  for (const { kind, version } of plan) {
    if (kind === "forget") next.delete(version);
    if (kind === "track") next.set(version, "new");
    if (kind === "load") next.set(version, "loading");
    if (kind === "unload") next.set(version, "unloading");
  }
  return next;
}

const end = (phase: Phase, loads: boolean): Phase =>
  phase === "loading" ? (loads ? "ready" : "error") : phase === "unloading" ? "done" : phase;

const policies: readonly (readonly [string, VersionPolicy])[] = [
  ["availability-preserving", availabilityPreserving],
  ["resource-preserving", resourcePreserving],
];

describe.each(policies)("reconcile with %s", (name, policy) => {
  const forAll = (check: (aspired: ReadonlySet<bigint>, live: Live, plan: readonly Step[]) => void) =>
    fc.assert(
      fc.property(anyAspired, anyLive, (aspired, live) => check(aspired, live, reconcile(aspired, live, policy))),
      { numRuns: 500 },
    );

  test("the same arguments give the same plan, in whatever order they were collected, and stay as they were", () => {
    fc.assert(
      fc.property(anyAspired, anyLive, (aspired, live) => {
        const plan = reconcile(aspired, live, policy);
        const [aspiredBefore, liveBefore] = [new Set(aspired), new Map(live)];
        expect(reconcile(aspired, live, policy)).toEqual(plan);
        expect([aspired, live]).toEqual([aspiredBefore, liveBefore]);
        const turned = reconcile(new Set([...aspired].reverse()), new Map([...live].reverse()), policy);
        const key = (step: Step) => `${step.kind} ${step.version}`;
        expect(turned.map(key).sort()).toEqual(plan.map(key).sort());
      }),
    );
  });

  test("each step fits the phase its version is in", () => {
    forAll((aspired, live, plan) => {
      const all = [...new Set([...aspired, ...live.keys()])].sort((a, b) => Number(a - b));
      const those = (wanted: boolean, ...among: readonly (Phase | undefined)[]) =>
        all.filter((each) => aspired.has(each) === wanted && among.includes(live.get(each)));
      const sorted = (kind: Step["kind"]) => steps(plan, kind).sort((a, b) => Number(a - b));
      expect(sorted("track")).toEqual(those(true, undefined, "done"));
      expect(sorted("forget")).toEqual(those(false, "new", "done", "error"));
      expect(sorted("cancel")).toEqual(those(false, "loading"));
      for (const each of steps(plan, "load")) {
        expect(aspired.has(each)).toBe(true);
        expect(live.get(each) === "new" || steps(plan, "track").includes(each)).toBe(true);
      }
      for (const each of steps(plan, "unload")) {
        expect(aspired.has(each)).toBe(false);
        expect(live.get(each)).toBe("ready");
      }
    });
  });

  test("a version has one step, but for being tracked before it is loaded", () => {
    forAll((_, __, plan) => {
      const others = plan.filter((step) => step.kind !== "track").map((step) => step.version);
      expect(new Set(others).size).toBe(others.length);
      for (const each of steps(plan, "track")) {
        const own = plan.filter((step) => step.version === each).map((step) => step.kind);
        expect([["track"], ["track", "load"]]).toContainEqual(own);
      }
    });
  });

  test("unloads come before loads, and both after the bookkeeping", () => {
    const rank = { track: 0, forget: 0, cancel: 0, unload: 1, load: 2 } as const;
    forAll((_, __, plan) => {
      const ranks = plan.map((step) => rank[step.kind]);
      expect(ranks).toEqual([...ranks].sort());
    });
  });

  test("an aspired version that is ready, on its way, or failed is left alone", () => {
    forAll((aspired, live, plan) => {
      for (const { version } of plan) {
        if (aspired.has(version)) expect(["new", "done", undefined]).toContain(live.get(version));
      }
    });
  });

  test("a plan that was carried out leaves nothing to do but to wait", () => {
    forAll((aspired, live, plan) => {
      const again = reconcile(aspired, carryOut(plan, live), policy);
      expect(again.filter((step) => step.kind !== "cancel")).toEqual([]);
    });
  });

  test("a failed version is tried again only after it left and came back", () => {
    fc.assert(
      fc.property(anyAspired, anyLive, version, (aspired, live, failed) => {
        const wanted = new Set([...aspired, failed]);
        const broken = new Map([...live, [failed, "error" as Phase]]);
        expect(reconcile(wanted, broken, policy).map((step) => step.version)).not.toContain(failed);

        const unwanted = new Set([...aspired].filter((each) => each !== failed));
        const plan = reconcile(unwanted, broken, policy);
        expect(steps(plan, "forget")).toContain(failed);
        expect(steps(reconcile(wanted, carryOut(plan, broken), policy), "track")).toContain(failed);
      }),
    );
  });

  test("with nothing aspired all that was loaded goes and all else is forgotten", () => {
    fc.assert(
      fc.property(anyLive, fc.func(fc.boolean()), (start, loads) => {
        let live = start;
        for (let round = 0; round < 20 && live.size > 0; round++) {
          live = carryOut(reconcile(new Set(), live, policy), live);
          live = new Map([...live].map(([each, phase]) => [each, end(phase, loads(each))]));
        }
        expect(live).toEqual(new Map());
      }),
    );
  });

  test("versions that come and go at any moment end as they are wanted, and the policy's promise holds throughout", () => {
    const change = fc.oneof(fc.record({ aspire: anyAspired }), fc.record({ finish: fc.nat(), loads: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        let aspired: ReadonlySet<bigint> = new Set();
        let live: Live = new Map();
        const act = () => {
          const plan = reconcile(aspired, live, policy);
          const leftovers = [...live].filter(([each, phase]) => !aspired.has(each) && holding(phase));
          if (name === "resource-preserving" && leftovers.length > 0) expect(steps(plan, "load")).toEqual([]);
          const next = carryOut(plan, live);
          if (name === "availability-preserving" && aspired.size > 0 && count(live, "ready") > 0) {
            expect(count(next, "ready")).toBeGreaterThan(0);
          }
          live = next;
          return plan.filter((step) => step.kind !== "cancel").length;
        };
        const finish = (which: number, loads: boolean) => {
          const busy = [...live].filter(([, phase]) => phase === "loading" || phase === "unloading");
          const [chosen, phase] = busy[which % Math.max(1, busy.length)] ?? [];
          if (chosen !== undefined && phase) live = new Map(live).set(chosen, end(phase, loads));
          return busy.length;
        };

        for (const each of changes) {
          if ("aspire" in each) aspired = each.aspire;
          else finish(each.finish, each.loads);
          act();
        }
        for (let round = 0; round < 200; round++) {
          const acted = act();
          if (finish(0, true) === 0 && acted === 0) break;
        }
        for (const each of aspired) expect(["ready", "error"]).toContain(live.get(each));
        const leftovers = [...live].filter(([each]) => !aspired.has(each));
        const standIn = name === "availability-preserving" && [...aspired].every((each) => live.get(each) === "error");
        expect(leftovers.length).toBeLessThanOrEqual(aspired.size > 0 && standIn ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});

test("unloads come first even when the policy asks for the loads first", () => {
  const loadsFirst: VersionPolicy = {
    next: (versions) => {
      const fresh = versions.find((each) => each.aspired && each.phase === "new");
      if (fresh) return { kind: "load", version: fresh.version };
      const leftover = versions.find((each) => !each.aspired && each.phase === "ready");
      return leftover && { kind: "unload", version: leftover.version };
    },
  };
  const live: Live = new Map([
    [1n, "ready"],
    [2n, "ready"],
    [3n, "new"],
    [4n, "new"],
  ]);
  expect(reconcile(new Set([3n, 4n]), live, loadsFirst)).toEqual([
    { kind: "unload", version: 1n },
    { kind: "unload", version: 2n },
    { kind: "load", version: 3n },
    { kind: "load", version: 4n },
  ]);
});

test("a policy that asks for what is not allowed is named with what it asked", () => {
  const asks = (kind: "load" | "unload", version: bigint): VersionPolicy => ({ next: () => ({ kind, version }) });
  const live: Live = new Map([
    [1n, "ready"],
    [2n, "loading"],
  ]);
  const aspired = new Set([1n]);
  expect(() => reconcile(aspired, live, asks("unload", 1n))).toThrow("unload version 1");
  expect(() => reconcile(aspired, live, asks("load", 1n))).toThrow("load version 1");
  expect(() => reconcile(aspired, live, asks("unload", 2n))).toThrow("unload version 2");
  expect(() => reconcile(aspired, live, asks("load", 9n))).toThrow("load version 9");
});
