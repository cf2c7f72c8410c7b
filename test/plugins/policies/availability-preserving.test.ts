import fc from "fast-check";
import type { Action, Phase, Snapshot } from "salver";
import { describeVersionPolicy, simulatePolicy } from "salver/testing";
import { describe, expect, test } from "vitest";
import { availabilityPreserving as policy } from "../../../plugins/policies/availability-preserving/policy.js";
import { anyOutcome, anyState, ready } from "./states.js";

describeVersionPolicy({ describe, test }, "availability-preserving", () => policy);

const wanted = (version: bigint, phase: Phase): Snapshot => ({ version, phase, aspired: true });
const leftover = (version: bigint, phase: Phase): Snapshot => ({ version, phase, aspired: false });
const load = (version: bigint): Action => ({ kind: "load", version });
const unload = (version: bigint): Action => ({ kind: "unload", version });

test.each<[string, readonly Snapshot[], Action | undefined]>([
  ["nothing to do without versions", [], undefined],
  ["the highest aspired new version is loaded first", [wanted(1n, "new"), wanted(2n, "new")], load(2n)],
  ["the old one stays until the new one is ready", [leftover(1n, "ready"), wanted(2n, "new")], load(2n)],
  ["the old one waits while the new one loads", [leftover(1n, "ready"), wanted(2n, "loading")], undefined],
  ["the old one goes once the new one is ready", [leftover(1n, "ready"), wanted(2n, "ready")], unload(1n)],
  ["the old one stays when the new one fails", [leftover(1n, "ready"), wanted(2n, "error")], undefined],
  ["two old ones are one too many", [leftover(1n, "ready"), leftover(2n, "ready"), wanted(3n, "new")], unload(1n)],
  ["with nothing aspired all go, the lowest first", [leftover(7n, "ready"), leftover(-7n, "ready")], unload(-7n)],
  ["unloading comes before loading", [leftover(1n, "ready"), wanted(2n, "ready"), wanted(3n, "new")], unload(1n)],
])("%s", (_, versions, action) => {
  expect(policy.next(versions)).toEqual(action);
});

test("once a version was ready, one stays ready while any is aspired that may still load", () => {
  fc.assert(
    fc.property(anyState, anyOutcome, fc.boolean(), (start, loads, eager) => {
      const { states } = simulatePolicy(policy, start, loads, eager);
      fc.pre(start.some((each) => each.aspired));
      let served = false;
      for (const versions of states) {
        const answers = ready(versions).length > 0;
        if (served) expect(answers).toBe(true);
        served ||= answers;
      }
    }),
  );
});

test("rests with every aspired version tried, and a leftover only where none of them loads", () => {
  fc.assert(
    fc.property(anyState, anyOutcome, fc.boolean(), (start, loads, eager) => {
      const end = simulatePolicy(policy, start, loads, eager).states.at(-1) ?? [];
      const aspired = end.filter((each) => each.aspired);
      expect(aspired.every((each) => each.phase === "ready" || each.phase === "error")).toBe(true);
      const stays = ready(end).filter((each) => !each.aspired).length;
      expect(stays).toBeLessThanOrEqual(aspired.length > 0 && ready(aspired).length === 0 ? 1 : 0);
    }),
  );
});
