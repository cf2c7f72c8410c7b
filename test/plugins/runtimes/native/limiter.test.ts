import { describe, expect, it } from "vitest";
import { createLimiter, laneSizes, poolSize } from "../../../../plugins/runtimes/native/index.js";

const deferred = () => {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

describe("createLimiter", () => {
  it("starts at once while there is room, then first come, first served", async () => {
    const limiter = createLimiter(2);
    const gates = [deferred(), deferred(), deferred(), deferred()];
    const started: number[] = [];
    const runs = gates.map((gate, i) =>
      limiter.run(() => {
        started.push(i);
        return gate.promise;
      }),
    );
    expect(started).toEqual([0, 1]);
    expect([limiter.running, limiter.waiting]).toEqual([2, 2]);
    gates[1]?.resolve();
    await runs[1];
    expect(started).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(runs);
    expect(started).toEqual([0, 1, 2, 3]);
    expect([limiter.running, limiter.waiting]).toEqual([0, 0]);
  });

  it("frees the place of a task that fails", async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(limiter.run(async () => 7)).resolves.toBe(7);
  });

  it("never runs a task whose signal aborts while it waits", async () => {
    const limiter = createLimiter(1);
    const gate = deferred();
    const first = limiter.run(() => gate.promise);
    const controller = new AbortController();
    let ran = false;
    const second = limiter.run(async () => {
      ran = true;
    }, controller);
    controller.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    expect(limiter.waiting).toBe(0);
    gate.resolve();
    await first;
    await expect(limiter.run(async () => "next")).resolves.toBe("next");
    expect(ran).toBe(false);
  });

  it("refuses an aborted signal without taking a place", async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(async () => 1, { signal: AbortSignal.abort(new Error("late")) })).rejects.toThrow("late");
    expect(limiter.running).toBe(0);
  });
});

describe("lanes", () => {
  it("leave a thread to the file system from four threads on", () => {
    for (let pool = 4; pool <= 1024; pool *= 2) {
      const { runs, loads } = laneSizes(pool);
      expect(runs + loads).toBe(pool - 1);
    }
    expect(laneSizes(1)).toEqual({ runs: 1, loads: 1 });
  });

  it("read the pool's size as libuv does", () => {
    expect(poolSize({})).toBe(4);
    expect(poolSize({ UV_THREADPOOL_SIZE: "12" })).toBe(12);
    expect(poolSize({ UV_THREADPOOL_SIZE: "0" })).toBe(1);
    expect(poolSize({ UV_THREADPOOL_SIZE: "5000" })).toBe(1024);
  });
});
