import fc from "fast-check";
import { expect, test } from "vitest";
import { fakeClock } from "../../../../core/testing/index.js";
import { rowModel } from "../../../../core/testing/row-model.js";
import { type Arrival, type Asked, arrival, ask, check, checkRuns, listen } from "./arrivals.js";
import { settle, wrap } from "./support.js";

const rules = fc.record({
  maxBatchSize: fc.constantFrom(4, 8),
  pace: fc.constantFrom({ timeout: "0s" }, { timeout: "3ms" }, { timeout: "1h" }, { latencyTarget: "4ms" }),
  maxEnqueuedBatches: fc.constantFrom(1, 3, 100),
  threads: fc.constantFrom(1, 3),
  sized: fc.boolean(),
  enableLargeBatchSplitting: fc.boolean(),
  shareIdenticalRequests: fc.boolean(),
  policy: fc.constantFrom("fillToMaxBatchSize", "fillToNextAllowedBatchSize", "isolate", "merge"),
  /** Until the next run ends, ms. */
  runs: fc.constantFrom(0, 0, 2),
});

type Rules = typeof rules extends fc.Arbitrary<infer R> ? R : never;

function optionsOf({ sized, policy, pace, runs: _, ...rules }: Rules): Readonly<Record<string, unknown>> {
  const split = rules.enableLargeBatchSplitting;
  const max = split ? rules.maxBatchSize / 2 : rules.maxBatchSize;
  return {
    ...rules,
    ...pace,
    ...(sized && { allowedBatchSizes: [1, max] }),
    ...(split && { maxExecutionBatchSize: max }),
    // Without sizes there is no next one.
    lowPriority: { policy: !sized && policy === "fillToNextAllowedBatchSize" ? "isolate" : policy },
  };
}

/** The largest batches, and what ended how, over all examples. */
const seen = { most: 0, ends: new Map<string, number>() };

async function live(rules: Rules, arrivals: readonly Arrival[]): Promise<void> {
  const clock = fakeClock();
  const model = rowModel();
  let [begun, under] = [0, 0];
  const inner = {
    ...model,
    run: async (call: Parameters<typeof model.run>[0]) => {
      begun++;
      expect(++under).toBeLessThanOrEqual(rules.threads);
      seen.most = Math.max(seen.most, call.inputs.x?.shape[0] ?? 0);
      try {
        if (rules.runs > 0) await clock.sleep(rules.runs);
        return await model.run(call);
      } finally {
        under--;
      }
    },
  };
  const wrapped = await wrap(inner, optionsOf(rules), clock);
  const asked: Asked[] = [];
  for (const [i, arrival] of arrivals.entries()) {
    const each = ask(arrival, i, asked.at(-1), clock.now());
    asked.push(each);
    listen(each, wrapped.run(each.call));
    for (const [at, { arrival, caller }] of asked.entries()) {
      if (arrival.leaves !== undefined && at + arrival.leaves === i) caller.abort();
    }
    for (let turn = 0; turn < arrival.turns; turn++) await settle();
    if (arrival.time > 0) clock.advance(arrival.time);
  }
  for (let round = 0; round < 60 && asked.some(({ ends }) => ends === 0); round++) {
    for (let turn = 0; turn < 4; turn++) await settle();
    clock.advance(2 ** (round / 2));
  }
  expect(asked.map(({ ends }) => ends)).toEqual(asked.map(() => 1));
  for (const each of asked) check(each, rules.maxBatchSize);
  checkRuns(asked, model, rules.shareIdenticalRequests);

  const before = begun;
  let disposed = false;
  const disposal = wrapped[Symbol.asyncDispose]().then(() => {
    disposed = true;
  });
  for (let round = 0; round < 20 && !disposed; round++) {
    await settle();
    clock.advance(1);
  }
  await disposal;
  expect(begun, "runs, also those that nobody waited for").toBe(before);
  expect(model.disposals).toBe(1);
  expect(model.faults).toEqual([]);
  expect(under).toBe(0);
  expect(asked.map(({ ends }) => ends)).toEqual(asked.map(() => 1));
  for (const { outcome } of asked) {
    const how = outcome && "error" in outcome ? (outcome.error as { code: string }).code : "OK";
    seen.ends.set(how, (seen.ends.get(how) ?? 0) + 1);
  }
}

test("grouped or not, a request has the same answer, and ends once", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(arrival, { maxLength: 25 }), (rules, arrivals) => live(rules, arrivals)),
    { numRuns: 400 },
  );
  // The test would say nothing of a batcher that never groups, or of requests that all end in one way.
  expect(seen.most).toBe(8);
  expect([...seen.ends.keys()].sort()).toEqual(
    ["CANCELLED", "DEADLINE_EXCEEDED", "INVALID_ARGUMENT", "OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"].sort(),
  );
});
