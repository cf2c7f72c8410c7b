import { describe, expect, it } from "vitest";
import { garbageCollector } from "./collect.js";
import { drive, type SoakPlan, type SoakResult } from "./drive.js";
import type { SoakEngine } from "./engine.js";
import { onnxruntimeEngine } from "./onnxruntime-engine.js";
import { faultsOf, table } from "./verdict.js";

const collect = garbageCollector();
const plan: SoakPlan = { runs: 6000, inFlight: 8, collectEvery: 50, cancel: 0.05, renewEvery: 1000 };

describe("native engines under forced garbage collection, cancellation, errors and disposal in flight", () => {
  it.each([
    [onnxruntimeEngine("ffi"), plan],
    [onnxruntimeEngine("ffi", "auto"), plan],
    [onnxruntimeEngine("binding"), { ...plan, runs: 2000, renewEvery: 1000 }],
  ])(
    "$name answers rightly and keeps its memory",
    async (engine, enginePlan) => {
      const result = await drive(engine, enginePlan, collect);
      console.log(table([result]));
      // So short a run never gets warm: memory is the long form's to judge.
      expect(faultsOf({ ...result, memory: [] })).toEqual([]);
      expect(result.cancelled).toBeGreaterThan(0);
      expect(result.right).toBeGreaterThan(enginePlan.runs * 0.9);
    },
    120_000,
  );
});

describe("the soak itself", () => {
  const engineOf = (run: (index: number) => Promise<boolean>): SoakEngine => ({
    name: "fake",
    open: async () => ({ run: (index) => run(index), [Symbol.asyncDispose]: async () => {} }),
  });
  const small = { ...plan, runs: 100, cancel: 0 };

  it("notices wrong answers and failures", async () => {
    const wrong = await drive(
      engineOf(async (index) => index !== 7),
      small,
      () => {},
    );
    expect(faultsOf({ ...wrong, memory: [] })).toEqual(["run 7 answered wrongly", "1 wrong results"]);
    const failing = await drive(
      engineOf((index) => (index === 3 ? Promise.reject("no") : Promise.resolve(true))),
      small,
      () => {},
    );
    expect(faultsOf({ ...failing, memory: [] })).toEqual(["run 3 failed: no", "1 wrong results"]);
  });

  it("notices memory that grows", () => {
    const memory = Array.from({ length: 40 }, (_, i) => 100 + i * 5);
    const result: SoakResult = {
      engine: "fake",
      runs: 1,
      right: 1,
      wrong: 0,
      cancelled: 0,
      sessions: 1,
      seconds: 1,
      memory,
      complaints: [],
    };
    expect(faultsOf(result)).toEqual(["memory grew from 175 to 275 MB"]);
    expect(faultsOf({ ...result, memory: memory.map(() => 100) })).toEqual([]);
  });
});
