import fc from "fast-check";
import { expect, test } from "vitest";
import { createRunTimes } from "../../../../plugins/batchers/shared/run-times.js";

test("what has not been run takes as long as the nearest smaller size that has", () => {
  const times = createRunTimes();
  expect(times.of(8)).toBe(0);
  times.learn(8, 3);
  expect([1, 7, 8, 15, 16, 1000].map(times.of)).toEqual([0, 0, 3, 3, 3, 3]);
  times.learn(64, 9);
  expect([8, 63, 64, 1000].map(times.of)).toEqual([3, 3, 9, 9]);
});

test("an estimate stays among what was measured, and comes to what stays", () => {
  const measured = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.nat(2000), measured, fc.double({ min: 0.1, max: 1e4, noNaN: true }), (rows, before, after) => {
      const times = createRunTimes();
      for (const each of before) times.learn(rows, each);
      expect(times.of(rows)).toBeGreaterThanOrEqual(Math.min(...before) * (1 - 1e-9));
      expect(times.of(rows)).toBeLessThanOrEqual(Math.max(...before) * (1 + 1e-9));
      for (let i = 0; i < 100; i++) times.learn(rows, after);
      expect(times.of(rows)).toBeCloseTo(after, 2);
    }),
  );
});

test("doubts grow with each refusal, and end with the next measurement", () => {
  const times = createRunTimes();
  times.learn(4, 10);
  for (let i = 0; i < 10; i++) times.doubt(4);
  expect(times.of(4)).toBeCloseTo(10 * 0.9 ** 10);
  times.learn(4, 10);
  expect(times.of(4)).toBe(10);
});
