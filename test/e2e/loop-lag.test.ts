import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { quickstart } from "./support/config.js";

const child = fileURLToPath(new URL("support/loop-lag.child.mjs", import.meta.url));
type Result = { runs: number; runMs: number; loads: number; p50: number; p99: number; max: number };

test("mnist at batch 256 back to back while models load: the event loop goes on", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [child, join(quickstart, "models"), "5"]);
  const result = JSON.parse(stdout) as Result;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  console.log(
    `event loop lag: p50 ${ms(result.p50)}, p99 ${ms(result.p99)}, max ${ms(result.max)} ` +
      `over ${result.runs} runs of ${ms(result.runMs)} each, with ${result.loads} model loads beside them`,
  );
  expect(result.loads).toBeGreaterThan(0);
  // Runs on the loop would hold half of all its turns for a whole run; loads on it would hold its worst for ten.
  expect(result.p50 / result.runMs).toBeLessThan(0.5);
  expect(result.p99 / result.runMs).toBeLessThan(6);
});
