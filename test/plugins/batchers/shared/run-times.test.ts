import fc from "fast-check";
import { expect, test } from "vitest";
import { createRunTimes } from "../../../../plugins/batchers/shared/run-times.js";

const time = fc.double({ min: 0, max: 1e4, noNaN: true });

/** Three runs, as many as it takes to be believed. */
function learn(times: ReturnType<typeof createRunTimes>, rows: number, milliseconds: number, now = 0): void {
  for (let i = 0; i < 3; i++) times.learn(rows, milliseconds, now);
}

test("what has not been run takes as long as the nearest smaller size that has", () => {
  const times = createRunTimes();
  const least = (rows: number) => times.least(rows, 0);
  expect(least(8)).toBe(0);
  learn(times, 8, 3);
  expect([1, 7, 8, 15, 16, 1000].map(least)).toEqual([0, 0, 3, 3, 3, 3]);
  learn(times, 64, 9);
  expect([8, 63, 64, 1000].map(least)).toEqual([3, 3, 9, 9]);
});

test("the least is what three runs in a row took, and comes down with the first that was quicker", () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.array(time, { minLength: 1, maxLength: 20 }), (rows, measured) => {
      const times = createRunTimes();
      for (const [i, each] of measured.entries()) {
        times.learn(rows, each, i);
        expect(times.least(rows, i)).toBe(i < 2 ? 0 : Math.min(...measured.slice(i - 2, i + 1)));
      }
    }),
  );
});

test("no run takes longer than one of more rows did", () => {
  const times = createRunTimes();
  learn(times, 1, 1500);
  expect(times.least(1, 0)).toBe(1500);
  times.learn(64, 5, 10);
  expect([1, 8].map((rows) => times.least(rows, 10))).toEqual([5, 5]);
});

test("a smaller size that was measured just now goes before one that was measured long ago", () => {
  const times = createRunTimes();
  learn(times, 8, 1500, 0);
  learn(times, 1, 5, 900);
  expect([times.least(8, 1000), times.isFresh(8, 1000)]).toEqual([1500, true]);
  expect([times.least(8, 1001), times.isFresh(8, 1001)]).toEqual([5, true]);
  expect([times.least(8, 5000), times.isFresh(8, 5000)]).toEqual([1500, false]);
});

test("the usual time is that in the middle, of the nearest size", () => {
  const times = createRunTimes();
  expect(times.usual(8)).toBeUndefined();
  times.learn(8, 30, 0);
  expect([1, 8, 1000].map(times.usual)).toEqual([30, 30, 30]);
  times.learn(8, 900, 0);
  times.learn(8, 31, 0);
  expect(times.usual(8)).toBe(31);
});
