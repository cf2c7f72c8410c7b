import { expect, test } from "vitest";
import { heldModel } from "./held-model.js";

test("with a target nothing waits while a thread is free", async () => {
  const model = heldModel({ latencyTarget: "100ms" });
  const run = model.asked([1]);
  expect(model.began()).toMatchObject([{ rows: [1], closed: "idle" }]);
  await model.end();
  expect(await run).toEqual([1]);
});

const cost = (rows: number) => 10 + 2 * rows;

test("batches grow while more waits than gets through, and no request fails for the target", async () => {
  const model = heldModel({ latencyTarget: "100ms", maxBatchSize: 64 });
  const runs = Array.from({ length: 600 }, (_, i) => model.asked([i]));
  for (let at = 0; at < model.calls.length; at++) await model.end(cost(model.began()[at]!.rows.length));
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 600 }, (_, i) => [i]));
  const sizes = model.began().map(({ rows }) => rows.length);
  // Up to 4 there is room under the target for twice as many; then it is the backlog that is to be worked off.
  expect(sizes.slice(0, 6)).toEqual([1, 1, 2, 4, 8, 8]);
  expect(sizes.slice(1, -1)).toEqual(sizes.slice(1, -1).toSorted((a, b) => a - b));
  expect(Math.max(...sizes)).toBe(64);
  expect(model.began().map(({ closed }) => closed)).toEqual([
    "idle",
    ...sizes.slice(1, -1).map(() => "full"),
    expect.any(String),
  ]);
});

test("a request larger than batches have become goes by itself", async () => {
  const model = heldModel({ latencyTarget: "100ms", maxBatchSize: 8 });
  const runs = [model.asked([0]), model.asked([1, 2, 3, 4, 5]), model.asked([6])];
  for (let i = 0; i < 3; i++) await model.end(80);
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [1, 2, 3, 4, 5], [6]]);
  expect(await Promise.all(runs)).toEqual([[0], [1, 2, 3, 4, 5], [6]]);
});

test("how many may wait is counted in whole batches, however small batches have become", async () => {
  const model = heldModel({ latencyTarget: "1ms", maxBatchSize: 4, maxEnqueuedBatches: 2 });
  const runs = Array.from({ length: 9 }, (_, i) => model.asked([i]));
  expect(await model.asked([9])).toMatch(/^UNAVAILABLE: .* currently 2 batches enqueued/);
  for (let i = 0; i < 9; i++) await model.end(50);
  expect(await Promise.all(runs)).toHaveLength(9);
});
