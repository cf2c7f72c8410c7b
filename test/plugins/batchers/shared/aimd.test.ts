import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchLimit, createBatchLimit } from "../../../../plugins/batchers/shared/aimd.js";

type Cost = (rows: number) => number;

const linear =
  (fixed: number, each: number): Cost =>
  (rows) =>
    fixed + each * rows;

/** Runs so many batches, each as large as the limit lets it be, of requests that waited for one run before theirs. */
function run(limit: BatchLimit, cost: Cost, batches: number, backlog = 1, noise = () => 1): void {
  for (let i = 0; i < batches; i++) {
    const time = cost(limit.rows);
    limit.observe({ rows: limit.rows, limited: true, wait: backlog * time, run: noise() * time });
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

test("a few slow batches of many are let pass, most are not", () => {
  const limit = createBatchLimit(20, 64);
  run(limit, linear(1, 0.1), 2000);
  const { rows } = limit;
  // Whatever of a window has been seen, five slow ones in a row are at most half of one.
  const batch = (time: number) => limit.observe({ rows, limited: false, wait: 0, run: time });
  for (let round = 0; round < 10; round++) for (let i = 0; i < 10; i++) batch(i < 5 ? 30 : 10);
  expect(limit.rows).toBe(rows);
  for (let i = 0; i < 16; i++) batch(30);
  expect(limit.rows).toBe(Math.floor(0.9 * rows));
});

test("stalls at the start do not end the doubling", () => {
  const limit = createBatchLimit(20, 64);
  for (const stall of [20, 90, 50]) limit.observe({ rows: 1, limited: true, wait: 1, run: stall });
  run(limit, linear(0.5, 0.05), 8);
  expect(limit.rows).toBe(64);
});

test("one run of twenty that takes twenty times as long leaves the limit within a factor of two", () => {
  fc.assert(
    fc.property(costs, fc.double({ min: 5, max: 50, noNaN: true }), fc.nat(), ({ fixed, each }, target, seed) => {
      const cost = linear(fixed, each);
      const [calm, noisy] = [createBatchLimit(target, 256), createBatchLimit(target, 256)];
      const step = 256 / 64;
      let state = seed;
      const noise = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32 < 0.05 ? 20 : 1;
      };
      run(calm, cost, 4000);
      run(noisy, cost, 4000, 1, noise);
      for (let i = 0; i < 50; i++) {
        run(noisy, cost, 10, 1, noise);
        expect(noisy.rows).toBeGreaterThanOrEqual(Math.floor(calm.rows / 2) - step);
        expect(noisy.rows).toBeLessThanOrEqual(2 * calm.rows + step);
      }
    }),
    { numRuns: 60 },
  );
});

test("after a change it comes back in some tens of batches", () => {
  const limit = createBatchLimit(20, 256);
  run(limit, linear(0.5, 0.02), 500);
  expect(limit.rows).toBe(256);
  run(limit, linear(0.5, 0.5), 60);
  expect(limit.rows).toBeLessThanOrEqual(20);
  expect(limit.rows).toBeGreaterThanOrEqual(13);
  run(limit, linear(0.1, 0.005), 10);
  expect(limit.rows).toBe(256);
});

/** Rows a millisecond of one thread, of requests that come at such a rate or, without one, as soon as `callers` have answers. */
function throughput(limit: BatchLimit, cost: Cost, rate: number | undefined, callers = 64): number {
  let [now, served, half] = [0, 0, 0];
  const waiting: number[] = rate === undefined ? new Array(callers).fill(0) : [0];
  let next = 0;
  const come = (until: number) => {
    for (; rate !== undefined && next <= until; next += 1 / rate) if (waiting.length < 2560) waiting.push(next);
  };
  for (let batch = 0; batch < 3000; batch++) {
    come(now);
    if (waiting.length === 0) now = next;
    come(now);
    const limited = waiting.length > limit.rows;
    const taken = waiting.splice(0, limit.rows);
    const run = cost(taken.length);
    limit.observe({ rows: taken.length, limited, wait: now - taken[0]!, run });
    now += run;
    if (rate === undefined) for (const _ of taken) waiting.push(now);
    if (batch === 1500) [served, half] = [0, now];
    served += taken.length;
  }
  return served / (now - half);
}

const plain = (rows: number): BatchLimit => ({ rows, observe: () => {} });

test("where more comes than gets through, as much is served as without a target", () => {
  const target = fc.double({ min: 1, max: 50, noNaN: true });
  fc.assert(
    fc.property(costs, target, fc.constantFrom(1.2, 3), ({ fixed, each }, target, overload) => {
      const cost = linear(fixed, each);
      const rate = overload * (64 / cost(64));
      const best = throughput(plain(64), cost, rate);
      expect(throughput(createBatchLimit(target, 64), cost, rate)).toBeGreaterThanOrEqual(0.95 * best);
    }),
    { numRuns: 60 },
  );
});

test("where the target leaves room for all who call, as much is served as without a target, stalls or not", () => {
  fc.assert(
    fc.property(costs, fc.integer({ min: 0, max: 19 }), ({ fixed, each }, offset) => {
      const target = 2.2 * (fixed + 64 * each);
      const stalling = (): Cost => {
        let runs = offset;
        return (rows) => (runs++ % 20 === 0 ? 20 : 1) * (fixed + each * rows);
      };
      for (const cost of [() => linear(fixed, each), stalling]) {
        const best = throughput(plain(64), cost(), undefined);
        expect(throughput(createBatchLimit(target, 64), cost(), undefined)).toBeGreaterThanOrEqual(0.9 * best);
      }
    }),
    { numRuns: 60 },
  );
});
