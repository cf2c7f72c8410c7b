import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invalidArgument, strings, type Tensors, tensor } from "salver";
import { fakeClock, fakeHost } from "salver/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Asked,
  assertAnswered,
  assertRefused,
  type BatcherStage,
  batcherStage,
} from "../../../../core/testing/batcher-stage.js";
import { sharedBatcher } from "../../../../plugins/batchers/shared/batcher.js";
import { options } from "../../../../plugins/batchers/shared/options.js";
import { gate, inner, outcome, settle, wrap } from "./support.js";

// What other servers' batchers got wrong, one by one.

let pools = 0;

async function stage(chosen: Readonly<Record<string, unknown>>, path = "/nowhere"): Promise<BatcherStage> {
  const clock = fakeClock();
  const batcher = sharedBatcher(fakeHost({ clock }), options.parse({ pool: `faults-${++pools}`, ...chosen }));
  const wrap = (inner: Parameters<typeof batcher.wrap>[0]) => batcher.wrap(inner, { model: "m", version: 1n, path });
  return batcherStage({ wrap }, clock);
}

const one = { threads: 1 };
const rowsOf = ({ model }: BatcherStage) => model.runs.map(({ tags }) => tags.length);
const answered = async (stage: BatcherStage, ...asked: readonly Asked[]) => {
  await stage.ended(...asked);
  for (const each of asked) assertAnswered(each);
};

/** Turns of the event loop, but no time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settle();
}

/** Occupies the only thread until the model is released. */
async function occupied(stage: BatcherStage): Promise<Asked> {
  stage.model.hold();
  const first = stage.ask();
  await turns();
  expect(stage.began(first)).toBe(true);
  return first;
}

describe("rows swapped among batch mates", () => {
  test.each([
    ["one after the other", {}],
    ["in batches that are padded", { maxBatchSize: 16, allowedBatchSizes: [5, 16] }],
    ["split over batches", { maxBatchSize: 16, enableLargeBatchSplitting: true, maxExecutionBatchSize: 3 }],
    ["some of them of low priority", { maxBatchSize: 8 }],
  ])("%s", async (_, chosen) => {
    const rows = await stage({ ...one, ...chosen });
    const first = await occupied(rows);
    const asked = Array.from({ length: 9 }, (_, i) =>
      rows.ask({ rows: 1 + ((i * 5) % 4), priority: i % 3 ? "normal" : "low" }),
    );
    rows.model.release();
    await answered(rows, first, ...asked);
    expect(Math.max(...rowsOf(rows))).toBeGreaterThan(2);
  });
});

test("output filter lost when batched", async () => {
  const rows = await stage(one);
  const first = await occupied(rows);
  const asked = [["y"], ["echo"], undefined, ["y"], ["echo", "y"]].map((outputs) =>
    rows.ask(outputs ? { outputs } : {}),
  );
  rows.model.release();
  await answered(rows, first, ...asked);
  const got = asked.map(({ outcome }) => Object.keys(outcome && "outputs" in outcome ? outcome.outputs : {}));
  expect(got).toEqual([
    ["y"],
    ["echo"],
    expect.arrayContaining(["y", "echo"]),
    ["y"],
    expect.arrayContaining(["y", "echo"]),
  ]);
});

describe("batch closed early, or late, by wrong time arithmetic", () => {
  const waits = async (rows: BatcherStage, timeout: number) => {
    const asked = rows.ask();
    rows.clock.advance(timeout - 0.01);
    await turns();
    expect(rows.began(asked)).toBe(false);
    rows.clock.advance(0.01);
    await turns();
    expect(rows.began(asked)).toBe(true);
    await answered(rows, asked);
  };

  test("milliseconds are milliseconds, also when the clock has gone on while nothing came", async () => {
    const rows = await stage({ timeout: "2ms" });
    await waits(rows, 2);
    rows.clock.advance(36_000_000);
    await turns();
    await waits(rows, 2);
  });

  test("microseconds in TensorFlow Serving's file are microseconds", async () => {
    const path = await mkdtemp(join(tmpdir(), "salver-batching-"));
    onTestFinished(() => rm(path, { recursive: true }));
    await writeFile(join(path, "b.pbtxt"), "batch_timeout_micros { value: 1500 } max_batch_size { value: 8 }");
    await waits(await stage({ perModelFile: "b.pbtxt" }, path), 1.5);
  });

  test("each batch has a time of its own, from its first request on", async () => {
    const rows = await stage({ timeout: "10ms", maxBatchSize: 2 });
    const early = rows.ask();
    rows.clock.advance(9);
    const filling = rows.ask();
    await answered(rows, early, filling);
    const late = rows.ask();
    rows.clock.advance(9);
    await turns();
    expect(rows.began(late)).toBe(false);
    rows.clock.advance(1);
    await answered(rows, late);
    expect(rows.clock.now()).toBe(19);
  });

  test("who left takes the time along that it had waited", async () => {
    const rows = await stage({ timeout: "10ms" });
    const gone = rows.ask();
    rows.clock.advance(9);
    gone.cancel();
    const asked = rows.ask();
    rows.clock.advance(9);
    await turns();
    expect(rows.began(asked)).toBe(false);
    rows.clock.advance(1);
    await turns();
    expect(rows.began(asked)).toBe(true);
  });
});

test("limit counted in requests instead of rows", async () => {
  const rows = await stage({ ...one, maxBatchSize: 8 });
  const first = await occupied(rows);
  const asked = [3, 3, 3, 5, 8, 1, 1, 1, 1, 1, 1, 1, 1].map((count) => rows.ask({ rows: count }));
  rows.model.release();
  await answered(rows, first, ...asked);
  expect(rowsOf(rows)).toEqual([1, 6, 8, 8, 8]);
});

describe("queue wedged after cancellation", () => {
  test.each([{}, { timeout: "5ms" }])("when all leave a full queue, others have its room: %j", async (chosen) => {
    const rows = await stage({ ...one, ...chosen, maxBatchSize: 1, maxEnqueuedBatches: 3 });
    const first = await occupied(rows);
    for (let round = 0; round < 3; round++) {
      const waiting = Array.from({ length: 3 }, () => rows.ask());
      const refused = rows.ask();
      for (const each of waiting) each.cancel();
      await turns();
      for (const each of waiting) assertRefused(each, "CANCELLED");
      assertRefused(refused, "UNAVAILABLE");
    }
    const asked = [rows.ask(), rows.ask(), rows.ask()];
    rows.model.release();
    await answered(rows, first, ...asked);
    expect(rowsOf(rows)).toEqual([1, 1, 1, 1]);
  });

  test("the rows of who left are others' to take, and are not run", async () => {
    const rows = await stage({ maxBatchSize: 4, timeout: "1h" });
    const asked = [rows.ask()];
    const gone = rows.ask({ rows: 2 });
    gone.cancel();
    await turns();
    asked.push(rows.ask({ rows: 3 }));
    await turns();
    expect(rowsOf(rows)).toEqual([4]);
    for (const each of asked) assertAnswered(each);
    assertRefused(gone, "CANCELLED");
  });

  test("and a thread whose batch all have left is free again", async () => {
    const rows = await stage(one);
    const first = await occupied(rows);
    first.cancel();
    await turns();
    rows.model.release();
    const asked = rows.ask();
    await answered(rows, asked);
  });
});

test("an exception in one request's checks kills the loop", async () => {
  const rows = await stage({ ...one, timeout: "1ms" });
  const { x, tag } = rows.ask().call.inputs;
  const throwing = {
    get x(): never {
      throw new TypeError("a getter that throws");
    },
  };
  const wrong: readonly unknown[] = [
    {},
    { x, tag: undefined },
    { x: { ...x, shape: undefined }, tag },
    { x: { ...x, shape: [1, 2], data: new Float32Array(3) }, tag },
    { x: { ...x, dtype: "float99" }, tag },
    throwing,
  ];
  for (const inputs of wrong) {
    const before = rows.ask();
    const bad = rows.ask({ inputs: inputs as Tensors });
    const after = rows.ask();
    await rows.ended(bad);
    expect(bad.outcome).toHaveProperty("error");
    await answered(rows, before, after);
  }
});

test("unequal shapes fail the whole batch instead of their own request", async () => {
  const rows = await stage(one);
  const first = await occupied(rows);
  const good = [[2], [3], [2], [], [2, 2], [3]].map((inner) => rows.ask({ inner }));
  const inputs = { x: tensor("float32", [2, 2], new Float32Array(4)), tag: strings(["one row less"]) };
  const bad = rows.ask({ inputs });
  rows.model.release();
  await answered(rows, first, ...good);
  await rows.ended(bad);
  assertRefused(bad, "INVALID_ARGUMENT");
  expect(rowsOf(rows)).toEqual([1, 2, 2, 1, 1]);
});

test("what the signature fixes padded like what it leaves open", async () => {
  const shapes: (readonly number[])[] = [];
  const first = gate();
  const { servable } = inner(async ({ inputs: { x } }) => {
    shapes.push(x!.shape);
    if (shapes.length === 1) await first.passed;
    if (x!.shape[2] !== 2) throw invalidArgument(`expected [-1,-1,2], got [${x!.shape}]`);
    return { y: x! };
  });
  const signature = { inputs: { x: { dtype: "float32", shape: [-1, -1, 2] } as const }, outputs: {} };
  const wrapped = await wrap(
    { ...servable, signatures: { serving_default: signature } },
    { ...one, padVariableLengthInputs: true },
  );
  const ask = (shape: readonly number[]) => {
    const x = tensor("float32", shape, new Float32Array(shape.reduce((count, size) => count * size, 1)));
    const call = { signature: "serving_default", inputs: { x }, signal: new AbortController().signal };
    return outcome(wrapped.run(call));
  };
  const asked = [
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 4],
    [1, 3, 2],
    [1, 2, 2],
  ].map(ask);
  first.open();
  const refusal = "INVALID_ARGUMENT: expected [-1,-1,2], got [1,1,4]";
  expect(await Promise.all(asked)).toEqual(["OK", "OK", refusal, "OK", "OK"]);
  expect(shapes).toEqual([
    [1, 1, 2],
    [3, 3, 2],
    [1, 1, 4],
  ]);
});

describe("limits not enforced exactly", () => {
  test("a request of as many rows as a batch may have is run at once, and one of a row more is refused", async () => {
    const rows = await stage({ maxBatchSize: 8, timeout: "1h" });
    const most = rows.ask({ rows: 8 });
    const tooMany = rows.ask({ rows: 9 });
    await turns();
    assertAnswered(most);
    assertRefused(tooMany, "INVALID_ARGUMENT");
    expect(rows.clock.now()).toBe(0);
  });

  test("a batch is full with its last row, and not before", async () => {
    const rows = await stage({ maxBatchSize: 8, timeout: "1h" });
    const asked = [rows.ask({ rows: 4 }), rows.ask({ rows: 3 })];
    await turns();
    expect(rowsOf(rows)).toEqual([]);
    asked.push(rows.ask());
    await turns();
    expect(rowsOf(rows)).toEqual([8]);
    for (const each of asked) assertAnswered(each);
  });

  test("as many batches wait as may, the last takes all the rows it may, and what needs another is refused", async () => {
    const rows = await stage({ ...one, maxBatchSize: 4, maxEnqueuedBatches: 2 });
    const first = await occupied(rows);
    const asked = [rows.ask({ rows: 4 }), rows.ask({ rows: 2 })];
    const refused = rows.ask({ rows: 3 });
    asked.push(rows.ask({ rows: 2 }));
    const alsoRefused = rows.ask();
    await turns();
    assertRefused(refused, "UNAVAILABLE");
    assertRefused(alsoRefused, "UNAVAILABLE");
    rows.model.release();
    await answered(rows, first, ...asked);
    expect(rowsOf(rows)).toEqual([1, 4, 4]);
  });

  test("what is split takes no more batches than there is room for, or none", async () => {
    const split = { enableLargeBatchSplitting: true, maxBatchSize: 16, maxExecutionBatchSize: 4 };
    const rows = await stage({ ...one, ...split, maxEnqueuedBatches: 3 });
    const first = await occupied(rows);
    const some = rows.ask({ rows: 2 });
    const refused = rows.ask({ rows: 11 });
    const fits = rows.ask({ rows: 10 });
    await turns();
    assertRefused(refused, "UNAVAILABLE");
    rows.model.release();
    await answered(rows, first, some, fits);
    expect(rowsOf(rows)).toEqual([1, 4, 4, 4]);
  });
});

describe("latency target taken as a hard timeout", () => {
  test("an idle runtime takes what is there, without any time passing", async () => {
    const rows = await stage({ ...one, latencyTarget: "50ms" });
    for (let i = 0; i < 30; i++) {
      const asked = rows.ask();
      await turns();
      assertAnswered(asked);
    }
    expect(rows.clock.now()).toBe(0);
  });

  test("a run that takes longer than the target is answered all the same, and so is what waits for it", async () => {
    const rows = await stage({ ...one, latencyTarget: "5ms" });
    const first = await occupied(rows);
    const asked = Array.from({ length: 6 }, () => rows.ask());
    rows.clock.advance(5000);
    await turns();
    expect(asked.map(({ outcome }) => outcome)).toEqual(asked.map(() => undefined));
    rows.model.release();
    await answered(rows, first, ...asked);
  });
});

test("a deadline of one request taken for that of its companions", async () => {
  const rows = await stage({ ...one, timeout: "1h" });
  const asked = [rows.ask(), rows.ask({ deadline: 30 }), rows.ask()];
  const late = rows.ask({ deadline: 0 });
  await turns();
  assertRefused(late, "DEADLINE_EXCEEDED");
  expect(rowsOf(rows)).toEqual([]);
  rows.clock.advance(29);
  await turns();
  expect(rowsOf(rows)).toEqual([3]);
  for (const each of asked) assertAnswered(each);
});
