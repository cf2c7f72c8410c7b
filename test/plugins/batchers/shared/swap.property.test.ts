import fc from "fast-check";
import type { RunOptions, Tensors } from "salver";
import { expect, test } from "vitest";
import { type Asked, arrival, ask, check, listen } from "./arrivals.js";
import { type RowsServer, startRows } from "./rows-server.js";
import { settle } from "./support.js";

const change = fc.record({ publish: fc.subarray([1n, 2n, 3n]), turns: fc.nat(4), time: fc.nat(3) });
const step = fc.oneof({ weight: 5, arbitrary: arrival }, { weight: 1, arbitrary: change });
const batching = fc.record({
  maxBatchSize: fc.constant(8),
  timeout: fc.constantFrom("0s", "3ms", "1h"),
  threads: fc.constantFrom(1, 2),
  maxEnqueuedBatches: fc.constantFrom(2, 100),
  shareIdenticalRequests: fc.boolean(),
});

type Leased = Asked & { readonly version: bigint };

/** Asks through a lease, as transports do. Without a version that is available it asks nothing. */
function request({ server }: RowsServer, asked: Asked): Leased | undefined {
  const run = async (lease: ReturnType<typeof server.frontend.lease>): Promise<Tensors> => {
    try {
      const { signature, inputs, outputs, signal, deadline, priority } = asked.call;
      const options: RunOptions = { signal, deadline, priority, ...(outputs && { outputs }) };
      return await lease.predict(signature, inputs, options);
    } finally {
      lease[Symbol.dispose]();
    }
  };
  try {
    const lease = server.frontend.lease({ name: "m" });
    const leased = Object.assign(asked, { version: lease.version });
    listen(leased, run(lease));
    return leased;
  } catch (error) {
    expect(error).toMatchObject({ code: "NOT_FOUND" });
    return undefined;
  }
}

async function live(batching: Readonly<Record<string, unknown>>, steps: readonly unknown[], stats: Stats) {
  const rows = await startRows(batching);
  const { clock, server, models } = rows;
  const leased: Leased[] = [];
  for (const [i, each] of (steps as (typeof step extends fc.Arbitrary<infer S> ? S : never)[]).entries()) {
    if ("publish" in each) rows.publish(...each.publish);
    else {
      const one = request(rows, ask(each, i, leased.at(-1), clock.now()));
      if (one) leased.push(one);
      for (const [at, { arrival, caller }] of leased.entries()) {
        if (arrival.leaves !== undefined && at + arrival.leaves === leased.length - 1) caller.abort();
      }
    }
    for (let turn = 0; turn < each.turns; turn++) await settle();
    if (each.time > 0) clock.advance(each.time);
  }
  await rows.until(() => leased.every(({ ends }) => ends > 0), "every request to end");
  rows.publish();
  const gone = () => server.frontend.status({ name: "m" }).every(({ state }) => state === "END");
  await rows.until(gone, "every version to be gone");
  await rows.stop();

  expect(leased.map(({ ends }) => ends)).toEqual(leased.map(() => 1));
  checkTold(rows);
  for (const { model } of models) expect([model.disposals, model.faults]).toEqual([1, []]);
  for (const each of leased) {
    const others = models.filter(({ version }) => version !== each.version);
    const elsewhere = others.flatMap(({ model }) => model.runs).flatMap(({ tags }) => tags);
    check(each, 8);
    // Only what was asked again of another version may have run there.
    const again = leased.some(({ call, version }) => call.inputs === each.call.inputs && version !== each.version);
    if (!again) expect(each.tags.filter((tag) => elsewhere.includes(tag))).toEqual([]);
    stats.answered += each.outcome && "outputs" in each.outcome ? 1 : 0;
  }
  stats.loads += models.length;
}

/** Each batch is told when it begins and when it has ended, and is one run of its version's model. */
function checkTold({ told, models }: RowsServer): void {
  expect(told.started).toHaveLength(told.ended.length);
  expect(new Set(told.ended.map(({ batch }) => batch))).toEqual(new Set(told.started));
  for (const { rows, size, limit, waits, requestRows } of told.started) {
    expect(rows).toBeLessThanOrEqual(Math.min(size, limit));
    // Who runs again by itself has been told with its rows.
    expect(waits.length).toBeGreaterThanOrEqual(requestRows.length);
    expect(Math.min(0, ...waits)).toBe(0);
  }
  for (const version of [1n, 2n, 3n]) {
    const runs = models.filter((each) => each.version === version).flatMap(({ model }) => model.runs);
    const own = told.ended.filter(({ batch }) => batch.version === version);
    const sizes = (all: readonly number[]) => all.toSorted((a, b) => a - b);
    const answered = runs.filter(({ state }) => state === "answered");
    expect(sizes(own.filter(({ code }) => code === "OK").map(({ batch }) => batch.size))).toEqual(
      sizes(answered.map(({ tags }) => tags.length)),
    );
  }
}

type Stats = { loads: number; answered: number };

test("versions come and go under load, and every request is answered by its own, once", {
  timeout: 120_000,
}, async () => {
  const stats: Stats = { loads: 0, answered: 0 };
  const examples = 150;
  await fc.assert(
    fc.asyncProperty(batching, fc.array(step, { minLength: 5, maxLength: 40 }), (batching, steps) =>
      live(batching, steps, stats),
    ),
    { numRuns: examples },
  );
  // The test would say nothing if nothing were swapped.
  expect(stats.loads).toBeGreaterThan(1.5 * examples);
  expect(stats.answered).toBeGreaterThan(examples);
});
