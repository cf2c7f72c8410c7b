import fc from "fast-check";
import type { Action, Phase, Snapshot } from "salver";
import { describeVersionPolicy, simulatePolicy } from "salver/testing";
import { describe, expect, test } from "vitest";
import { resourcePreserving as policy } from "../../../plugins/policies/resource-preserving/policy.js";
import { anyOutcome, anyState } from "./states.js";

describeVersionPolicy({ describe, test }, "resource-preserving", () => policy);

const wanted = (version: bigint, phase: Phase): Snapshot => ({ version, phase, aspired: true });
const leftover = (version: bigint, phase: Phase): Snapshot => ({ version, phase, aspired: false });
const load = (version: bigint): Action => ({ kind: "load", version });
const unload = (version: bigint): Action => ({ kind: "unload", version });

test.each<[string, readonly Snapshot[], Action | undefined]>([
  ["nothing to do without versions", [], undefined],
  ["the old one goes first", [leftover(1n, "ready"), wanted(2n, "new")], unload(1n)],
  ["the new one waits while the old one unloads", [leftover(1n, "unloading"), wanted(2n, "new")], undefined],
  ["the new one waits while the old one still loads", [leftover(1n, "loading"), wanted(2n, "new")], undefined],
  ["the new one is loaded when the old one is gone", [leftover(1n, "done"), wanted(2n, "new")], load(2n)],
  ["an old one that failed holds nothing up", [leftover(1n, "error"), wanted(2n, "new")], load(2n)],
  ["an old one that never began holds nothing up", [leftover(1n, "new"), wanted(2n, "new")], load(2n)],
  ["the highest aspired new version is loaded first", [wanted(3n, "new"), wanted(2n, "new")], load(3n)],
  ["the lowest old one goes first", [leftover(9n, "ready"), leftover(3n, "ready")], unload(3n)],
])("%s", (_, versions, action) => {
  expect(policy.next(versions)).toEqual(action);
});

test("no load begins while a version that is not aspired loads, answers or unloads", () => {
  fc.assert(
    fc.property(anyState, anyOutcome, fc.boolean(), (start, loads, eager) => {
      const { states } = simulatePolicy(policy, start, loads, eager);
      for (const [i, versions] of states.entries()) {
        const began = versions.some((each, at) => each.phase === "loading" && states[i - 1]?.[at]?.phase === "new");
        const busy = versions.some((each) => !each.aspired && ["loading", "ready", "unloading"].includes(each.phase));
        expect(began && busy).toBe(false);
      }
    }),
  );
});

test("rests with every aspired version tried and all others gone", () => {
  fc.assert(
    fc.property(anyState, anyOutcome, fc.boolean(), (start, loads, eager) => {
      for (const each of simulatePolicy(policy, start, loads, eager).states.at(-1) ?? []) {
        expect(each.aspired ? ["ready", "error"] : ["done", "error"]).toContain(each.phase);
      }
    }),
  );
});
