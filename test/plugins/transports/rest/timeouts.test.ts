import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { createTimeouts } from "../../../../plugins/transports/rest/timeouts.js";

it("all who wait are called in their order, but for those who are gone", async () => {
  const timeouts = createTimeouts(10);
  const called: number[] = [];
  const waiting = Array.from({ length: 8 }, (_, i) => timeouts.add(() => called.push(i)));
  // The first, the last, two beside each other; one twice.
  for (const i of [0, 7, 3, 4, 3, 0]) timeouts.remove(waiting[i]!);
  while (called.length < 4) await delay(2);
  expect(called).toEqual([1, 2, 5, 6]);
});

it("who comes later is called, with and without somebody before", async () => {
  const timeouts = createTimeouts(5);
  const called: string[] = [];
  timeouts.remove(timeouts.add(() => called.push("gone")));
  timeouts.add(() => {
    called.push("first");
    timeouts.add(() => called.push("second"));
  });
  while (called.length < 2) await delay(2);
  await delay(10);
  timeouts.add(() => called.push("third"));
  while (called.length < 3) await delay(2);
  expect(called).toEqual(["first", "second", "third"]);
});

it("who is gone while others are called is not", async () => {
  const timeouts = createTimeouts(5);
  const called: string[] = [];
  timeouts.add(() => {
    called.push("first");
    timeouts.remove(second);
  });
  const second = timeouts.add(() => called.push("second"));
  timeouts.add(() => called.push("third"));
  while (!called.includes("third")) await delay(2);
  expect(called).toEqual(["first", "third"]);
});
