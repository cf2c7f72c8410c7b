import { expect, test } from "vitest";
import { invalidArgument } from "../../../../core/index.js";
import { heldModel } from "./held-model.js";

const refusal = (rows: number) => invalidArgument(`got a shape of [${rows}]`);

/** Three requests, the second of two rows, in one batch that has begun; the first run has ended. */
async function together(chosen: Readonly<Record<string, unknown>> = {}) {
  const model = heldModel(chosen);
  const first = model.asked([0]);
  const gone = new AbortController();
  const runs = [model.asked([1]), model.asked([2, 3], { signal: gone.signal }), model.asked([4])];
  await model.end();
  await first;
  expect(model.began().at(-1)?.rows).toEqual([1, 2, 3, 4]);
  return { model, runs, gone };
}

test("what is refused as a batch runs again one by one, and who is at fault fails alone, of its own shape", async () => {
  const { model, runs } = await together();
  await model.end(5, refusal(4));
  await model.end(1);
  await model.end(1, refusal(2));
  await model.end(1);
  expect(await Promise.all(runs)).toEqual([[1], "INVALID_ARGUMENT: got a shape of [2]", [4]]);
  expect(model.began().slice(1)).toMatchObject([
    { rows: [1, 2, 3, 4], waits: [0, 0, 0] },
    { rows: [1], waits: [5] },
    { rows: [2, 3], waits: [6] },
    { rows: [4], waits: [7] },
  ]);
  expect(model.ends.slice(1)).toEqual(["INVALID_ARGUMENT 5", "OK 1", "INVALID_ARGUMENT 1", "OK 1"]);
});

test("they take their turns in the thread of their batch, and disposal waits for them", async () => {
  const { model, runs } = await together();
  const later = model.asked([5]);
  const disposal = model.servable[Symbol.asyncDispose]();
  await model.end(0, refusal(4));
  for (let i = 0; i < 3; i++) {
    expect(model.calls).toHaveLength(3 + i);
    expect(model.state.disposed).toBe(0);
    await model.end();
  }
  await model.end();
  await disposal;
  expect(await Promise.all([...runs, later])).toEqual([[1], [2, 3], [4], [5]]);
  expect(model.state.disposed).toBe(1);
});

test("who leaves before its turn does not run again", async () => {
  const { model, runs, gone } = await together();
  await model.end(0, refusal(4));
  gone.abort();
  expect(await runs[1]).toBe("CANCELLED: the request was cancelled");
  await model.end();
  await model.end();
  expect(await Promise.all([runs[0], runs[2]])).toEqual([[1], [4]]);
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [1, 2, 3, 4], [1], [4]]);
});

test("a request by itself runs once", async () => {
  const model = heldModel({ allowedBatchSizes: [4, 8] });
  const run = model.asked([1]);
  await model.end(0, refusal(4));
  expect(await run).toBe("INVALID_ARGUMENT: got a shape of [4]");
  expect(model.calls).toHaveLength(1);
});

test("each part of a request that is split waited as long as it did", async () => {
  const model = heldModel({ maxBatchSize: 8, enableLargeBatchSplitting: true, maxExecutionBatchSize: 2 });
  const first = model.asked([0]);
  model.clock.advance(1);
  const split = model.asked([1, 2, 3, 4, 5]);
  for (let i = 0; i < 4; i++) await model.end(10);
  expect(await Promise.all([first, split])).toEqual([[0], [1, 2, 3, 4, 5]]);
  expect(model.began().map(({ waits }) => waits)).toEqual([[0], [10], [20], [30]]);
});
