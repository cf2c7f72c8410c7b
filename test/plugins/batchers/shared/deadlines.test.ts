import { expect, test } from "vitest";
import { abortError } from "../../../../core/index.js";
import { heldModel } from "./held-model.js";

const within = (deadline: number) => ({ deadline });

/** Three runs of one row that take so long each: only then the time is held against a request. */
async function measured(model: ReturnType<typeof heldModel>, milliseconds: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const run = model.asked([0]);
    await model.settle();
    await model.end(milliseconds);
    await run;
  }
}

test("a deadline that has passed is refused, and nothing runs", async () => {
  const model = heldModel();
  model.clock.advance(10);
  expect(await model.asked([1], within(7))).toBe(
    "DEADLINE_EXCEEDED: the request's deadline had passed 3 ms before it came to be batched",
  );
  expect(model.calls).toEqual([]);
});

test("a deadline that cannot be met, by the batches under way and ahead, is refused at once", async () => {
  const model = heldModel({ maxBatchSize: 1 });
  await measured(model, 10);
  // 10 ms a run: one under way and one ahead of it.
  const others = [model.asked([1]), model.asked([2])];
  model.clock.advance(4);
  const now = model.clock.now();
  expect(await model.asked([3], within(now + 25))).toBe(
    "DEADLINE_EXCEEDED: the request cannot be answered before its deadline: 25 ms are left, and it would take 26 ms " +
      "(a batch under way ends in about 6 ms; 1 batch ahead of it takes 10 ms; a run of 1 row takes 10 ms); " +
      "give it more time, or send fewer at once",
  );
  const inTime = model.asked([4], within(now + 26));
  for (let i = 0; i < 3; i++) await model.end(i === 0 ? 6 : 10);
  expect(await Promise.all([...others, inTime])).toEqual([[1], [2], [4]]);
});

test("batches ahead count as long as their own rows take", async () => {
  const model = heldModel({ maxBatchSize: 8 });
  await measured(model, 2);
  for (let i = 0; i < 3; i++) {
    const run = model.asked([1, 2, 3, 4, 5, 6, 7, 8]);
    await model.end(100);
    await run;
  }
  const others = [model.asked([1]), model.asked([2], { signature: "other" })];
  const now = model.clock.now();
  const all = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(await model.asked(all, within(now + 103))).toMatch(
    "103 ms are left, and it would take 104 ms (a batch under way ends in about 2 ms; " +
      "1 batch ahead of it takes 2 ms; a run of 8 rows takes 100 ms)",
  );
  const inTime = model.asked(all, within(now + 104));
  for (const time of [2, 2, 100]) await model.end(time);
  expect(await Promise.all([...others, inTime])).toEqual([[1], [2], all]);
});

test("one that can be met is not refused for batches that only wait for more", async () => {
  const model = heldModel({ maxBatchSize: 4, timeout: "1h" });
  const first = model.asked([0, 0, 0, 0]);
  await model.end(10);
  await first;
  const patient = model.ask([1], { signature: "other" });
  const [a, b] = [model.asked([2, 2], within(10 + 20)), model.asked([3, 3])];
  await model.end();
  expect(await a).toEqual([2, 2]);
  expect(await b).toEqual([3, 3]);
  const end = model.servable[Symbol.asyncDispose]();
  await model.end();
  await patient;
  await end;
});

test("one slow run among quick ones, or before any other, refuses nothing", async () => {
  const model = heldModel();
  const prompt = async () => {
    const run = model.asked([1], within(model.clock.now() + 100));
    await model.end(5);
    expect(await run).toEqual([1]);
  };
  for (let i = 0; i < 3; i++) {
    const slow = model.asked([0]);
    await model.end(1500);
    await slow;
    for (let n = 0; n < 20; n++) await prompt();
  }
});

test("where several slow runs agree, requests are refused, but an idle runtime tries again after a second", async () => {
  const model = heldModel();
  await measured(model, 250);
  const attempt = () => model.asked([1], within(model.clock.now() + 100));
  const refusal =
    "DEADLINE_EXCEEDED: the request cannot be answered before its deadline: 100 ms are left, and it would take 250 ms " +
    "(a run of 1 row takes 250 ms); give it more time, or send fewer at once";
  for (let i = 0; i < 10; i++) {
    expect(await attempt()).toBe(refusal);
    model.clock.advance(100);
  }
  expect(await attempt()).toBe(refusal);
  model.clock.advance(1);
  const probe = attempt();
  expect(await attempt()).toMatch("would take 500 ms (a batch under way ends in about 250 ms; a run of 1 row");
  await model.end(5);
  expect(await probe).toEqual([1]);
  const next = attempt();
  await model.end(5);
  expect(await next).toEqual([1]);
});

test("a run that is given up counts where it took longer than was thought", async () => {
  const model = heldModel();
  for (let i = 0; i < 3; i++) {
    const gone = new AbortController();
    const run = model.asked([1], { signal: gone.signal });
    gone.abort();
    await run;
    await model.end(120, abortError(gone.signal));
  }
  expect(await model.asked([1], within(model.clock.now() + 100))).toMatch("a run of 1 row takes 120 ms");
});

test("before anything is measured, a batch begins with half of the time of its hastiest request left", async () => {
  const model = heldModel({ timeout: "2s" });
  const runs = [model.asked([1]), model.asked([2], within(250))];
  await model.settle();
  model.clock.advance(124);
  await model.settle();
  expect(model.calls).toHaveLength(0);
  model.clock.advance(1);
  await model.settle();
  expect(model.began()).toMatchObject([{ rows: [1, 2], closed: "deadline" }]);
  await model.end();
  expect(await Promise.all(runs)).toEqual([[1], [2]]);
});

test("a batch closes early for the nearest of its deadlines, with time to run", async () => {
  const model = heldModel({ timeout: "1s" });
  const first = model.asked([0]);
  model.clock.advance(1000);
  await model.settle();
  await model.end(30);
  await first;
  expect(model.began().map(({ closed }) => closed)).toEqual(["timeout"]);

  const runs = [model.asked([1]), model.asked([2], within(1030 + 200)), model.asked([3], within(1030 + 500))];
  await model.settle();
  // 30 ms a run, and a tenth of the time for what may come between.
  model.clock.advance(200 - 50 - 1);
  await model.settle();
  expect(model.calls).toHaveLength(1);
  model.clock.advance(1);
  await model.settle();
  expect(model.began()[1]).toMatchObject({ rows: [1, 2, 3], closed: "deadline", waits: [150, 150, 150] });
  await model.end();
  expect(await Promise.all(runs)).toEqual([[1], [2], [3]]);
});

test("a batch whose hasty request has gone waits for its timeout again", async () => {
  const model = heldModel({ timeout: "1s" });
  const gone = new AbortController();
  const runs = [model.asked([1]), model.asked([2], { deadline: 100, signal: gone.signal })];
  await model.settle();
  gone.abort();
  expect(await runs[1]).toBe("CANCELLED: the request was cancelled");
  model.clock.advance(999);
  await model.settle();
  expect(model.calls).toHaveLength(0);
  model.clock.advance(1);
  await model.settle();
  expect(model.began()).toMatchObject([{ rows: [1], closed: "timeout" }]);
  await model.end();
  expect(await runs[0]).toEqual([1]);
});

test("a batch waits as long as its oldest request has, when the one before it has gone", async () => {
  const model = heldModel({ timeout: "10ms" });
  const gone = new AbortController();
  const first = model.asked([1], { signal: gone.signal });
  model.clock.advance(6);
  const second = model.asked([2]);
  gone.abort();
  await first;
  model.clock.advance(9);
  await model.settle();
  expect(model.calls).toHaveLength(0);
  model.clock.advance(1);
  await model.settle();
  expect(model.began()).toMatchObject([{ rows: [2], waits: [10] }]);
  await model.end();
  expect(await second).toEqual([2]);
});

test("whose deadline passes in the queue is not run; its companions are", async () => {
  const model = heldModel();
  const first = model.asked([0]);
  const [late, patient] = [model.asked([1], within(50)), model.asked([2])];
  await model.end(60);
  expect(await late).toBe("RESOURCE_EXHAUSTED: Run() timeout exceeded while waiting in batching queue");
  expect(model.began().map(({ rows }) => rows)).toEqual([[0], [2]]);
  await model.end();
  expect(await Promise.all([first, patient])).toEqual([[0], [2]]);
});

test("disposal waits for a batch of which one was late and another is not", async () => {
  const model = heldModel();
  const first = model.asked([0]);
  const [late, patient] = [model.asked([1], within(50)), model.asked([2])];
  const disposal = model.servable[Symbol.asyncDispose]();
  await model.end(60);
  await late;
  expect(model.state.disposed).toBe(0);
  await model.end();
  await disposal;
  expect(await Promise.all([first, patient])).toEqual([[0], [2]]);
  expect(model.state.disposed).toBe(1);
});
