import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { lanes, sessionLane } from "../../../../plugins/runtimes/native/index.js";

it("a session runs as many at once as there are cores, and leaves the rest of the lane to others", async () => {
  const [busy, other] = [sessionLane(), sessionLane()];
  const most = Math.min(availableParallelism(), lanes.runs.size);
  let running = 0;
  let peak = 0;
  const ends: (() => void)[] = [];
  const task = () =>
    new Promise<void>((resolve) => {
      peak = Math.max(peak, ++running);
      ends.push(() => {
        running--;
        resolve();
      });
    });
  const all = Array.from({ length: 3 * most }, () => busy.run(task));
  await nextTurn();
  expect(running).toBe(most);
  if (lanes.runs.size > most) expect(await other.run(async () => "at once")).toBe("at once");
  while (ends.length > 0) {
    ends.shift()!();
    await nextTurn();
  }
  await Promise.all(all);
  expect([peak, running]).toEqual([most, 0]);
});

it("who gives up while waiting for a place never runs", async () => {
  const lane = sessionLane();
  let end = () => {};
  const held = Array.from({ length: availableParallelism() }, () =>
    lane.run(() => new Promise<void>((resolve) => (end = resolve))),
  );
  const controller = new AbortController();
  let ran = false;
  const late = lane.run(async () => (ran = true), controller.signal);
  controller.abort(new Error("gone"));
  await expect(late).rejects.toThrow("gone");
  expect(ran).toBe(false);
  end();
  await Promise.race(held);
});
