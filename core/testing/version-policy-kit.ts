import assert from "node:assert/strict";
import type { Snapshot, VersionPolicy } from "../version-policy.js";
import { phases, simulatePolicy } from "./policy-simulation.js";
import type { TestRunner } from "./runner.js";

const count = 3;
const cells: readonly Omit<Snapshot, "version">[] = phases.flatMap((phase) => [
  { phase, aspired: true },
  { phase, aspired: false },
]);

/** Every state that a model with up to three versions can be in. */
function* allStates(): Generator<readonly Snapshot[]> {
  for (let size = 0; size <= count; size++) {
    for (let code = 0; code < cells.length ** size; code++) {
      yield Array.from({ length: size }, (_, i) => {
        const cell = cells[Math.floor(code / cells.length ** i) % cells.length] as Omit<Snapshot, "version">;
        return Object.freeze({ ...cell, version: BigInt(i + 1) });
      });
    }
  }
}

const show = (versions: readonly Snapshot[]) =>
  versions.map((each) => `${each.version}:${each.phase}${each.aspired ? "+" : ""}`).join(" ");

function assertAtRest(end: readonly Snapshot[], start: readonly Snapshot[]) {
  const aspired = end.filter((each) => each.aspired);
  const others = end.filter((each) => !each.aspired);
  const told = `from ${show(start)} it rests at ${show(end)}`;
  for (const each of aspired) assert.ok(each.phase === "ready" || each.phase === "error", `${told}: not all loaded`);
  // A leftover may stay only to stand in for aspired versions of which none could be loaded.
  const kept = others.filter((each) => each.phase !== "done" && each.phase !== "error");
  const standIn = aspired.length > 0 && aspired.every((each) => each.phase === "error");
  assert.ok(kept.length <= (standIn ? 1 : 0), `${told}: leftovers stay`);
}

/**
 * The laws every version policy keeps, tried on every state of up to three versions and every outcome of their loads.
 * `make` gives a fresh policy.
 */
export function describeVersionPolicy(runner: TestRunner, name: string, make: () => VersionPolicy): void {
  const { describe, test } = runner;
  describe(`version policy ${name}`, () => {
    test("is idempotent: the same versions give the same action, in any order, from any instance", () => {
      const policy = make();
      for (const versions of allStates()) {
        const action = policy.next(Object.freeze(versions));
        assert.deepEqual(policy.next(versions), action, show(versions));
        assert.deepEqual(make().next(versions.toReversed()), action, `reversed: ${show(versions)}`);
      }
    });

    test("loads only aspired new versions and unloads only ready ones that are not aspired", () => {
      const policy = make();
      for (const versions of allStates()) {
        const action = policy.next(versions);
        if (!action) continue;
        const target = versions.find((each) => each.version === action.version);
        const wanted = action.kind === "load" ? { aspired: true, phase: "new" } : { aspired: false, phase: "ready" };
        assert.deepEqual({ aspired: target?.aspired, phase: target?.phase }, wanted, show(versions));
      }
    });

    for (const eager of [true, false]) {
      const pace = eager ? "one step at a time" : "with many steps under way";
      test(`comes to rest with all aspired versions tried and the others gone, ${pace}`, () => {
        const policy = make();
        for (const start of allStates()) {
          for (let outcome = 0; outcome < 2 ** start.length; outcome++) {
            const loads = (version: bigint) => (outcome & (1 << (Number(version) - 1))) !== 0;
            const { states } = simulatePolicy(policy, start, loads, eager);
            assertAtRest(states.at(-1) ?? [], start);
          }
        }
      });
    }
  });
}
