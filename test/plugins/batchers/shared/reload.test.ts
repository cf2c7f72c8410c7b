import fc from "fast-check";
import { type Config, strings, type Tensors, tensor } from "salver";
import { assertSameTensors } from "salver/testing";
import { expect, test } from "vitest";
import { rowAnswers } from "../../../../core/testing/row-model.js";
import { type RowsServer, serveRows, startRows } from "./rows-server.js";
import { settle } from "./support.js";

let asked = 0;

/** Asks for rows as a transport does; gives an error, or nothing when the answer was the right one. */
async function ask({ server }: RowsServer, rows = 1): Promise<unknown> {
  const tags = Array.from({ length: rows }, () => `row ${++asked}`);
  const inputs: Tensors = {
    x: tensor(
      "float32",
      [rows],
      Float32Array.from(tags, () => asked),
    ),
    tag: strings(tags),
  };
  using lease = server.frontend.lease({ name: "m" });
  const { signal } = new AbortController();
  try {
    assertSameTensors(await lease.predict("double", inputs, { signal }), rowAnswers({ signature: "double", inputs }));
  } catch (error) {
    return error;
  }
}

const source = { type: "scripted", start: [1] };

function configOf(batching: false | Readonly<Record<string, unknown>>): Config["models"] {
  return { m: { source, servable: "rows", warmup: false, batching: batching && { type: "shared", ...batching } } };
}

async function turns() {
  for (let turn = 0; turn < 10; turn++) await settle();
}

const sizes = ({ models }: RowsServer) => models[0]?.model.runs.map(({ tags }) => tags.length);

test("a reload's batching is that of the versions that are loaded, and who waits by the old one goes at once", async () => {
  const rows = await serveRows({ timeout: "10s", threads: 1, maxBatchSize: 2 });
  const early = [ask(rows), ask(rows), ask(rows)];
  await turns();
  expect(sizes(rows)).toEqual([2]);

  await rows.server.reload(configOf({ timeout: "10s", threads: 1, maxBatchSize: 4, pool: "reloaded" }));
  const late = [1, 2, 3, 4].map(() => ask(rows));
  expect(await Promise.all([...early, ...late])).toEqual(Array(7).fill(undefined));
  expect(sizes(rows)).toEqual([2, 1, 4]);
  expect(rows.told.started.map(({ closed, limit }) => [closed, limit])).toEqual([
    ["full", 2],
    ["shutdown", 2],
    ["full", 4],
  ]);
  expect(rows.clock.now()).toBe(0);
  expect(rows.models.map(({ model }) => [model.disposals, model.hurries])).toEqual([[0, 0]]);

  await rows.stop();
  expect(rows.models.map(({ model }) => [model.disposals, model.hurries, model.faults])).toEqual([[1, 1, []]]);
});

test("batching that a reload removes groups nothing any more, and one that it adds does", async () => {
  const rows = await serveRows({ threads: 1, timeout: "10s" });
  await rows.server.reload(configOf(false));
  expect(await Promise.all([ask(rows), ask(rows)])).toEqual([undefined, undefined]);
  expect(sizes(rows)).toEqual([1, 1]);
  expect(() => rows.server.frontend.batches({ name: "m" })).toThrow(/not batched/);

  await rows.server.reload(configOf({ maxBatchSize: 2, timeout: "10s", threads: 1, pool: "reloaded" }));
  expect(await Promise.all([ask(rows), ask(rows)])).toEqual([undefined, undefined]);
  expect(sizes(rows)).toEqual([1, 1, 2]);
});

test("a batching that goes waits for its last request, and the version for it", async () => {
  const rows = await serveRows({ threads: 1, maxBatchSize: 1 });
  const model = rows.models[0]?.model;
  model?.hold();
  const early = [ask(rows), ask(rows)];
  await turns();
  await rows.server.reload(configOf(false));
  const late = ask(rows);
  rows.publish();
  await turns();
  expect([sizes(rows), model?.disposals]).toEqual([[1, 1], 0]);
  model?.release();
  expect(await Promise.all([...early, late])).toEqual([undefined, undefined, undefined]);
  await rows.until(() => model?.disposals === 1, "the version to unload");
  expect(model?.faults).toEqual([]);
});

const batching = fc.oneof(
  fc.constant(false as const),
  fc.record({
    maxBatchSize: fc.integer({ min: 4, max: 6 }),
    timeout: fc.constantFrom("0s", "5ms", "1h"),
    threads: fc.integer({ min: 1, max: 3 }),
    maxEnqueuedBatches: fc.constant(1000),
    shareIdenticalRequests: fc.boolean(),
    pool: fc.constantFrom("reloaded", "reloaded-too"),
  }),
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ rows: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ batching }) },
  { weight: 2, arbitrary: fc.record({ turns: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 10 }) }) },
  { weight: 1, arbitrary: fc.record({ version: fc.bigInt({ min: 1n, max: 3n }) }) },
  { weight: 1, arbitrary: fc.record({ holds: fc.boolean() }) },
);

test("whatever reloads and versions come while requests are under way: all are answered right, and all is disposed once", async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    const rows = await startRows({ threads: 1, maxBatchSize: 4 });
    const answers: Promise<unknown>[] = [];
    const reloads: Promise<void>[] = [];
    for (const each of steps) {
      if ("rows" in each) answers.push(ask(rows, each.rows));
      if ("batching" in each) reloads.push(rows.server.reload(configOf(each.batching)));
      if ("turns" in each) for (let turn = 0; turn < each.turns; turn++) await settle();
      if ("pass" in each) rows.clock.advance(each.pass);
      if ("version" in each) rows.publish(each.version);
      if ("holds" in each) {
        for (const { model } of rows.models) model.release();
        if (each.holds) for (const { model } of rows.models) model.hold();
      }
    }
    for (const { model } of rows.models) model.release();
    let ended = false;
    const all = Promise.all([...answers, ...reloads]).finally(() => {
      ended = true;
    });
    await rows.until(() => ended, "every request to end");
    await rows.stop();
    expect((await all).filter((error) => error !== undefined)).toEqual([]);
    expect(rows.models.map(({ model }) => [model.disposals, model.hurries, model.faults])).toEqual(
      rows.models.map(() => [1, 1, []]),
    );
  });
  await fc.assert(property, { numRuns: 60 });
});
