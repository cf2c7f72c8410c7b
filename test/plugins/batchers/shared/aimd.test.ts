import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchLimit, createBatchLimit } from "../../../../plugins/batchers/shared/aimd.js";

type Cost = (rows: number) => number;

const linear =
  (fixed: number, each: number): Cost =>
  (rows) =>
    fixed + each * rows;

/** Runs so many batches, each as large as the limit lets it be, of requests that waited for one run before theirs. */
function run(limit: BatchLimit, cost: Cost, batches: number, backlog = 1): void {
  for (let i = 0; i < batches; i++) {
    const time = cost(limit.rows);
    limit.observe({ rows: limit.rows, limited: true, wait: backlog * time, run: time });
  }
}

/** The largest size of which a run and the wait for another keep to the target. */
function best(cost: Cost, target: number, most: number): number {
  let rows = 1;
  while (rows < most && 2 * cost(rows + 1) <= target) rows++;
  return rows;
}

const costs = fc.record({
  fixed: fc.double({ min: 0.01, max: 5, noNaN: true }),
  each: fc.double({ min: 0.001, max: 1, noNaN: true }),
});

test("it finds the size that the target leaves room for, and finds it again when the cost changes", () => {
  fc.assert(
    fc.property(
      costs,
      costs,
      fc.integer({ min: 1, max: 1024 }),
      fc.double({ min: 1, max: 50, noNaN: true }),
      (before, after, most, target) => {
        const limit = createBatchLimit(target, most);
        for (const { fixed, each } of [before, after]) {
          const cost = linear(fixed, each);
          run(limit, cost, 4000);
          // The saw's teeth: the last decreases may have gone a step and three times a tenth below the best.
          const expected = best(cost, target, most);
          const step = Math.max(1, most / 64);
          expect(limit.rows).toBeGreaterThanOrEqual(Math.floor(0.72 * expected - step));
          expect(limit.rows).toBeLessThanOrEqual(expected + step + 1);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("it is never below 1 nor above the most, whatever is observed", () => {
  const time = fc.double({ min: 0, max: 1e6, noNaN: true });
  const batch = fc.record({ rows: fc.integer({ min: 0, max: 5000 }), limited: fc.boolean(), wait: time, run: time });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1024 }),
      time,
      fc.array(batch, { maxLength: 300 }),
      (most, target, batches) => {
        const limit = createBatchLimit(target, most);
        for (const each of batches) {
          limit.observe(each);
          expect(limit.rows).toBeGreaterThanOrEqual(1);
          expect(limit.rows).toBeLessThanOrEqual(most);
          expect(Number.isInteger(limit.rows)).toBe(true);
        }
      },
    ),
  );
});

test("a backlog does not shrink batches", () => {
  const limit = createBatchLimit(20, 64);
  run(limit, linear(2, 0.05), 2000, 50);
  expect(limit.rows).toBe(64);
});

test("batches smaller than they might be say nothing of larger ones", () => {
  const limit = createBatchLimit(20, 64);
  run(limit, linear(1, 0.1), 3);
  const { rows } = limit;
  for (let i = 0; i < 1000; i++) limit.observe({ rows: 2, limited: false, wait: 0, run: 1 });
  expect(limit.rows).toBe(rows);
});

test("one slow batch of many is let pass, two are not", () => {
  const limit = createBatchLimit(20, 64);
  run(limit, linear(1, 0.1), 2000);
  const { rows } = limit;
  const slow = () => limit.observe({ rows, limited: false, wait: 0, run: 100 });
  slow();
  expect(limit.rows).toBe(rows);
  slow();
  expect(limit.rows).toBe(Math.floor(0.9 * rows));
});
