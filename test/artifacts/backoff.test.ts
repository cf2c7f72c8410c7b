import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff, jittered } from "../../artifacts/backoff.js";
import { parseRetryAfter, retryAfterOf, withRetryAfter } from "../../artifacts/retry-after.js";

test("each wait is up to twice the one before, no more than the most, and begins anew after a success", () => {
  const waits = backoff({ first: 100, most: 1000 }, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => waits.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  waits.reset();
  expect(waits.next()).toBe(100);
});

test("chance decides on the upper half only, however often it fails", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(2000), (chance, failures) => {
      const waits = backoff({ first: 10, most: 5000 }, () => chance);
      for (let i = 0; i < failures; i++) waits.next();
      const full = Math.min(5000, 10 * 2 ** failures);
      const wait = waits.next();
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }),
  );
});

test("a hint is a lower bound, as long as it is sensible", () => {
  const waits = backoff({ first: 100, most: 1000 }, () => 0);
  expect(waits.next(30_000)).toBe(30_000);
  expect(waits.next(1)).toBe(100);
  expect(waits.next(10 ** 12)).toBe(3_600_000);
});

test("jitter stays within a tenth", () => {
  expect([0, 0.5, 1].map((chance) => jittered(1000, () => chance))).toEqual([900, 1000, 1100]);
});

const now = Date.UTC(2025, 0, 1, 12, 0, 0);
test.each<[string | undefined, number | undefined]>([
  ["120", 120_000],
  [" 0 ", 0],
  ["Wed, 01 Jan 2025 12:00:30 GMT", 30_000],
  ["Wed, 01 Jan 2025 11:00:00 GMT", 0],
  ["1.5", undefined],
  ["-1", undefined],
  ["soon", undefined],
  ["99999999999999999999", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After %j is %s ms", (header, ms) => {
  expect(parseRetryAfter(header, now)).toBe(ms);
});

test("an error carries its hint", () => {
  const error = new Error("busy");
  expect(retryAfterOf(withRetryAfter(error, 7))).toBe(7);
  expect(retryAfterOf(withRetryAfter(new Error("other"), undefined))).toBeUndefined();
  expect(retryAfterOf("text")).toBeUndefined();
});
