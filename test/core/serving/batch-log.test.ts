import type { BatchEvent, Telemetry, VersionState } from "salver";
import { silentTelemetry } from "salver";
import { fakeClock } from "salver/testing";
import { expect, test } from "vitest";
import { createEventBus } from "../../../core/lifecycle/events.js";
import { createBatchLog, loggingBatches } from "../../../core/serving/batch-log.js";
import { countRefusals } from "../../../core/serving/refusals.js";

const clock = fakeClock();
const events = createEventBus((error) => {
  throw error;
});

const batch = (over: Partial<BatchEvent> = {}): BatchEvent => ({
  pool: "p",
  model: "m",
  version: 1n,
  signature: "s",
  priority: "normal",
  closed: "timeout",
  waits: [5, 1, 3],
  requestRows: [1, 2, 1],
  rows: 4,
  size: 8,
  limit: 64,
  ...over,
});

test("a batch is remembered with its waits in short, and grows old", () => {
  const log = createBatchLog(clock, events);
  log.batchEnded({ batch: batch(), code: "OK", milliseconds: 7 });
  clock.advance(100);
  log.batchEnded({ batch: batch({ signature: "t", waits: [] }), code: "INTERNAL", milliseconds: 1 });
  clock.advance(11);
  expect(log.of("m")).toEqual([
    expect.objectContaining({ signature: "t", requests: 0, wait: { median: 0, max: 0 }, code: "INTERNAL", age: 11 }),
    {
      version: 1n,
      signature: "s",
      priority: "normal",
      closed: "timeout",
      requests: 3,
      rows: 4,
      size: 8,
      limit: 64,
      wait: { median: 3, max: 5 },
      run: 7,
      code: "OK",
      age: 111,
    },
  ]);
  expect(log.of("other")).toEqual([]);
});

test("the latest hundred of each signature and version stay, until the version ends", () => {
  const log = createBatchLog(clock, events);
  const ran = (version: bigint, signature: string, run: number) => {
    clock.advance(1);
    log.batchEnded({ batch: batch({ version, signature }), code: "OK", milliseconds: run });
  };
  for (let i = 0; i < 230; i++) ran(1n, "s", i);
  ran(1n, "t", 1000);
  ran(2n, "s", 2000);
  const runs = (version?: bigint) => log.of("m", version).map(({ run }) => run);
  expect(runs()).toEqual([2000, 1000, ...Array.from({ length: 100 }, (_, i) => 229 - i)]);
  expect(runs(2n)).toEqual([2000]);
  const turn = (state: VersionState) => events.publish({ model: "m", version: 1n, state, code: "OK", message: "" });
  turn("UNLOADING");
  expect(runs(1n)).toHaveLength(101);
  turn("END");
  expect(runs()).toEqual([2000]);
});

test("who listened before hears all that it heard", () => {
  const heard: string[] = [];
  const names = Object.keys(silentTelemetry) as (keyof Telemetry)[];
  const listener = Object.fromEntries(names.map((name) => [name, () => heard.push(name)])) as unknown as Telemetry;
  const log = createBatchLog(clock, events);
  const refusals = countRefusals(events);
  const both = loggingBatches(listener, log, refusals);
  for (const name of names) both[name]({ batch: batch(), model: "m", code: "UNAVAILABLE", milliseconds: 1 } as never);
  expect(heard).toEqual(names);
  expect(log.of("m")).toHaveLength(1);
  expect(refusals.of("m")).toEqual({ UNAVAILABLE: 1 });
});
