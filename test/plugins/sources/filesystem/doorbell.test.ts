import { fakeClock } from "salver/testing";
import { expect, test } from "vitest";
import { doorbell } from "../../../../plugins/sources/filesystem/doorbell.js";

const { signal } = new AbortController();

test("without a ring the wait is as long as it was asked to be", async () => {
  const clock = fakeClock();
  let over = false;
  const wait = doorbell(clock)
    .wait(1000, signal)
    .then(() => (over = true));
  clock.advance(999);
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  await wait;
});

test("a ring ends the wait early, and a hundred rings end one wait", async () => {
  const clock = fakeClock();
  const bell = doorbell(clock);
  const wait = bell.wait(60_000, signal);
  for (let i = 0; i < 100; i++) bell.ring();
  await Promise.resolve();
  await clock.asleep();
  clock.advance(50);
  await wait;
  expect(clock.now()).toBe(50);

  let again = false;
  const next = bell.wait(60_000, signal).then(() => (again = true));
  clock.advance(59_999);
  await new Promise(setImmediate);
  expect(again).toBe(false);
  clock.advance(1);
  await next;
});

test("a ring while nobody waits ends the next wait", async () => {
  const clock = fakeClock();
  const bell = doorbell(clock);
  bell.ring();
  const wait = bell.wait(60_000, signal);
  clock.advance(50);
  await wait;
  expect(clock.now()).toBe(50);
});

test("abort ends the wait, before it and under way, and leaves nobody asleep", async () => {
  const clock = fakeClock();
  const bell = doorbell(clock);
  await bell.wait(1000, AbortSignal.abort());
  const end = new AbortController();
  const wait = bell.wait(1000, end.signal);
  end.abort();
  await wait;
  bell.ring();
  await bell.wait(1000, end.signal);
});

test("a wait longer than a timer can be is cut, not turned into no wait at all", async () => {
  const asked: number[] = [];
  await doorbell({ now: () => 0, sleep: async (ms) => void asked.push(ms) }).wait(1e12, signal);
  expect(asked).toEqual([2 ** 31 - 1]);
});
