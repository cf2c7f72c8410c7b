import { strings, type Tensors, tensor } from "salver";
import { expect, test } from "vitest";
import { type RowsServer, serveRows } from "./rows-server.js";
import { settle } from "./support.js";

/** Asks for one row as a transport does, and tells the version that was leased. */
function ask({ server }: RowsServer, tag: string) {
  const lease = server.frontend.lease({ name: "m" });
  const inputs: Tensors = { x: tensor("float32", [1], Float32Array.of(1)), tag: strings([tag]) };
  const { signal } = new AbortController();
  const answer = Promise.resolve(lease.predict("double", inputs, { signal })).finally(() => lease[Symbol.dispose]());
  return { version: lease.version, answer };
}

const states = ({ server }: RowsServer) => {
  const all = server.frontend.status({ name: "m" }).map(({ version, state }) => [Number(version), state] as const);
  return Object.fromEntries(all);
};

async function turns() {
  for (let turn = 0; turn < 10; turn++) await settle();
}

test("a version that unloads finishes its queue first, and what comes meanwhile is the next one's", async () => {
  const rows = await serveRows({ timeout: "50ms", threads: 1, maxBatchSize: 2 });
  const [old] = rows.models;
  old?.model.hold();
  // Two run, two wait for the thread, one waits for a companion.
  const early = ["a", "b", "c", "d", "e"].map((tag) => ask(rows, tag));
  await turns();
  expect(old?.model.runs.map(({ tags }) => tags)).toEqual([["a", "b"]]);

  rows.publish(2n);
  await turns();
  expect(states(rows)).toEqual({ 1: "UNLOADING", 2: "AVAILABLE" });
  const late = ask(rows, "f");
  expect([...early.map(({ version }) => version), late.version]).toEqual([1n, 1n, 1n, 1n, 1n, 2n]);
  expect(old?.model.disposals).toBe(0);

  old?.model.release();
  await Promise.all(early.map(({ answer }) => answer));
  await turns();
  expect(old?.model.runs.map(({ tags }) => tags)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  expect(states(rows)).toEqual({ 1: "END", 2: "AVAILABLE" });
  expect([old?.model.disposals, old?.model.faults]).toEqual([1, []]);
  expect(rows.clock.now(), "who waits for companions waits no longer once they cannot come").toBe(0);

  rows.clock.advance(50);
  await late.answer;
  expect(rows.told.started.map(({ closed }) => closed)).toEqual(["full", "full", "shutdown", "timeout"]);
  expect(rows.models[1]?.model.runs.map(({ tags }) => tags)).toEqual([["f"]]);
});

test("a server that stops finishes the queue, too", async () => {
  const rows = await serveRows({ timeout: "10s", threads: 1 });
  const asked = ["a", "b"].map((tag) => ask(rows, tag));
  await turns();
  await rows.stop();
  await Promise.all(asked.map(({ answer }) => answer));
  expect(rows.models.map(({ model }) => [model.disposals, model.faults])).toEqual([[1, []]]);
});
