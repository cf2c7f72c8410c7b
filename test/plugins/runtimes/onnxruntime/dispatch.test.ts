import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Tensors, tensor } from "../../../../core/index.js";
import { createDispatcher } from "../../../../plugins/runtimes/onnxruntime/dispatch.js";

const input = (items: number): Tensors => ({ x: tensor("float32", [items], new Float32Array(items)) });

/** A run whose time is told instead of taken: `us` for an inline run, `asyncUs` for one on another thread. */
function bench(mode: "auto" | "inline" | "async") {
  const time = { now: 0, us: 10, waitUs: 0, asyncUs: 100, inline: 0, async: 0 };
  const dispatch = createDispatcher(mode, () => time.now / 1000);
  const run = async (items = 4) => {
    await dispatch(
      input(items),
      () => {
        time.now += time.us;
        time.inline++;
        return {};
      },
      async (onBegin) => {
        time.now += time.waitUs;
        onBegin();
        time.now += time.asyncUs;
        time.async++;
        return {};
      },
    );
    await nextTurn();
  };
  const times = async (count: number, items = 4) => {
    for (let i = 0; i < count; i++) await run(items);
  };
  return { time, times, dispatch };
}

describe("createDispatcher", () => {
  it("does as it is told", async () => {
    const inline = bench("inline");
    await inline.times(5);
    expect(inline.time).toMatchObject({ inline: 5, async: 0 });
    const async = bench("async");
    await async.times(5);
    expect(async.time).toMatchObject({ inline: 0, async: 5 });
  });

  it("starts asynchronously and goes inline once a run is known to be short", async () => {
    const { time, times } = bench("auto");
    await times(10);
    expect(time).toMatchObject({ async: 2, inline: 8 });
  });

  it("counts a run's own time, not its wait for a thread: under load a tiny run is found to be one", async () => {
    const { time, times } = bench("auto");
    time.waitUs = 50_000;
    await times(10);
    expect(time).toMatchObject({ async: 2, inline: 8 });
  });

  it("never tries inline what takes long", async () => {
    const { time, times } = bench("auto");
    time.asyncUs = 5000;
    time.us = 4000;
    await times(50);
    expect(time).toMatchObject({ async: 50, inline: 0 });
  });

  it("leaves the loop at once when a try was far too long, and tries again much later", async () => {
    const { time, times } = bench("auto");
    time.us = 500;
    await times(500);
    expect(time.inline).toBe(1);
    await times(1000);
    expect(time.inline).toBe(2);
  });

  it("takes several runs to know, for the code may not have been compiled yet", async () => {
    const { time, times } = bench("auto");
    time.us = 300;
    await times(6);
    time.us = 10;
    await times(100);
    expect(time).toMatchObject({ async: 2, inline: 104 });
  });

  it("leaves the loop when most runs are too long, and tries ever more seldom", async () => {
    const { time, times } = bench("auto");
    time.us = 120;
    const tries = [];
    for (let i = 0; i < 9; i++) {
      await times(1000);
      tries.push(time.inline / 7);
    }
    expect(tries).toEqual([1, 2, 2, 3, 3, 3, 3, 4, 4]);
  });

  it("forgives slow runs now and then, which are other processes' doing, and not many in a row", async () => {
    const { time, times } = bench("auto");
    await times(20);
    for (let i = 0; i < 20; i++) {
      time.us = 5000;
      await times(1);
      time.us = 10;
      await times(9);
    }
    expect(time.async).toBe(2);
    time.us = 5000;
    await times(40);
    expect(time.async).toBeGreaterThan(15);
  });

  it("judges sizes apart", async () => {
    const { time, times } = bench("auto");
    await times(10);
    time.asyncUs = 5000;
    await times(10, 4096);
    expect(time).toMatchObject({ inline: 8, async: 12 });
  });

  it("does not fill a turn of the loop, whatever a caller does", async () => {
    const { time, times, dispatch } = bench("auto");
    await times(10);
    const before = time.inline;
    for (let i = 0; i < 1000; i++) {
      await dispatch(
        input(4),
        () => {
          time.now += 20;
          time.inline++;
          return {};
        },
        async () => ({}),
      );
    }
    expect(time.inline - before).toBeGreaterThanOrEqual(100);
    expect(time.inline - before).toBeLessThan(103);
  });
});
