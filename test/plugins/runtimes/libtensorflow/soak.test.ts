import { describe, expect, it } from "vitest";
import { garbageCollector } from "../../../soak/collect.js";
import { drive } from "../../../soak/drive.js";
import { libtensorflowEngine } from "../../../soak/libtensorflow-engine.js";
import { faultsOf, table } from "../../../soak/verdict.js";
import { noTensorflow, withTensorflow } from "./support.js";

describe.skipIf(noTensorflow)(
  withTensorflow("under forced garbage collection, cancellation, errors and disposal"),
  () => {
    it("answers rightly", async () => {
      const plan = { runs: 1500, inFlight: 8, collectEvery: 50, cancel: 0.05, renewEvery: 300 };
      const result = await drive(libtensorflowEngine(), plan, garbageCollector());
      console.log(table([result]));
      // So short a run never gets warm: memory is the long form's to judge.
      expect(faultsOf({ ...result, memory: [] })).toEqual([]);
      expect(result.sessions).toBe(5);
      expect(result.cancelled).toBeGreaterThan(0);
      expect(result.right).toBeGreaterThan(plan.runs * 0.9);
    }, 120_000);
  },
);
