import { expect, test } from "vitest";
import { heldModel } from "./held-model.js";

test("with a target nothing waits while a thread is free", async () => {
  const model = heldModel({ latencyTarget: "100ms" });
  const run = model.asked([1]);
  expect(model.began()).toMatchObject([{ rows: [1], closed: "idle" }]);
  await model.end();
  expect(await run).toEqual([1]);
});

test("batches grow while they keep to the target, shrink when they do not, and no request fails for it", async () => {
  const model = heldModel({ latencyTarget: "100ms", maxBatchSize: 64 });
  const runs = Array.from({ length: 250 }, (_, i) => model.asked([i]));
  const cost = (rows: number) => 10 + 2 * rows;
  for (let at = 0; at < model.calls.length; at++) await model.end(cost(model.began()[at]!.rows.length));
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 250 }, (_, i) => [i]));
  const sizes = model.began().map(({ rows }) => rows.length);
  // A run of 20 rows and the wait for another take the target.
  expect(sizes.slice(0, 10)).toEqual([1, 1, 2, 4, 8, 16, 32, 28, 28, 25]);
  expect(Math.min(...sizes.slice(10, -1))).toBeGreaterThanOrEqual(17);
  expect(Math.max(...sizes.slice(10, -1))).toBeLessThanOrEqual(25);
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
