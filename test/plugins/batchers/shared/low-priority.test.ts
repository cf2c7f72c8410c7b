import { expect, test } from "vitest";
import { heldModel } from "./held-model.js";
import { inner, outcome, wrap } from "./support.js";

const low = { priority: "low" } as const;

async function inTurns(chosen: Readonly<Record<string, unknown>>, lowRows: readonly (readonly number[])[]) {
  const model = heldModel(chosen);
  const runs = [model.asked([0]), ...lowRows.map((rows) => model.asked(rows, low)), model.asked([1]), model.asked([2])];
  for (let i = 0; i < 5; i++) await model.end();
  await Promise.all(runs);
  return model.began().map(({ rows, priority }) => [priority, ...rows]);
}

test.each([
  [
    "fillToMaxBatchSize",
    {},
    [
      ["normal", 0],
      ["normal", 1, 2, 10, 11, 12, 13, 14, 15],
      ["low", 16, 17],
    ],
  ],
  [
    "fillToNextAllowedBatchSize",
    { allowedBatchSizes: [1, 4, 8] },
    [
      ["normal", 0],
      ["normal", 1, 2, 10, 11],
      ["low", 12, 13, 14, 15, 16, 17, 12, 12],
    ],
  ],
  [
    "isolate",
    {},
    [
      ["normal", 0],
      ["normal", 1, 2],
      ["low", 10, 11, 12, 13, 14, 15, 16, 17],
    ],
  ],
  [
    "merge",
    { lowPriority: { maxBatchSize: 1 } },
    [
      ["normal", 0],
      ["normal", 1, 2, 10, 11, 12, 13, 14, 15],
      ["low", 16, 17],
    ],
  ],
])(
  "what is normal goes first, though it came later; with %s what is low follows so",
  async (policy, more, expected) => {
    const { lowPriority = {}, ...rest } = more as { lowPriority?: object };
    const chosen = { maxBatchSize: 8, ...rest, lowPriority: { ...lowPriority, policy } };
    expect(await inTurns(chosen, [[10], [11], [12], [13], [14], [15], [16], [17]])).toEqual(expected);
  },
);

test("what does not fit is not overtaken by what came after it", async () => {
  const chosen = { maxBatchSize: 4 };
  expect(await inTurns(chosen, [[10], [11, 12, 13], [14]])).toEqual([
    ["normal", 0],
    ["normal", 1, 2, 10],
    ["low", 11, 12, 13],
    ["low", 14],
  ]);
});

test("low requests have bounds, sizes and a timeout of their own", async () => {
  const lowPriority = { maxBatchSize: 2, timeout: "5ms", maxEnqueuedBatches: 1, policy: "isolate" };
  const model = heldModel({ timeout: "1ms", lowPriority });
  const first = model.asked([0, 0, 0, 0, 0, 0, 0, 0]);
  const runs = [first, model.asked([1], low), model.asked([2], low)];
  expect(await model.asked([3], low)).toBe(
    "UNAVAILABLE: The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1",
  );
  const normal = model.asked([4]);
  await model.end(1);
  await model.end();
  expect(model.began().slice(1)).toMatchObject([
    { rows: [4], closed: "timeout", priority: "normal" },
    { rows: [1, 2], closed: "full", priority: "low" },
  ]);
  await model.end();
  const slow = model.asked([5], low);
  model.clock.advance(4);
  await model.settle();
  expect(model.calls).toHaveLength(3);
  model.clock.advance(1);
  await model.settle();
  await model.end();
  expect(await Promise.all([...runs, normal, slow])).toEqual([new Array(8).fill(0), [1], [2], [4], [5]]);
});

test("what is low runs alone while nothing normal may, and a model's low batches yield to another model's", async () => {
  const order: string[] = [];
  const named = (name: string) =>
    inner(async ({ inputs }) => {
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      return { y: inputs.x! };
    }).servable;
  const shared = { threads: 1, pool: "priorities", maxBatchSize: 1 };
  const [a, b] = [await wrap(named("a"), shared), await wrap(named("b"), shared)];
  const call = (priority?: "low") => ({
    signature: "serving_default",
    inputs: { x: { dtype: "float32", shape: [1], data: new Float32Array(1) } as const },
    signal: new AbortController().signal,
    priority,
  });
  const runs = [a.run(call("low")), a.run(call("low")), b.run(call()), b.run(call())];
  await Promise.all(runs);
  expect(order).toEqual(["a", "b", "b", "a"]);
});

test("sizes of the low lane that contradict themselves are refused", async () => {
  const { servable } = inner(async () => ({}));
  expect(
    await outcome(wrap(servable, { maxBatchSize: 8, allowedBatchSizes: [8], lowPriority: { maxBatchSize: 4 } })),
  ).toBe(
    "FAILED_PRECONDITION: Last entry in lowPriority.allowedBatchSizes must match lowPriority.maxBatchSize; last entry was 8; expected 4",
  );
});
