import { type RunOptions, ServingError, unavailable } from "salver";
import { expect, test } from "vitest";
import { fakeFrontend } from "./fake-frontend.js";
import { onEachEngine, start } from "./start.js";

/** A server that notes what its runs are told. */
async function noting(timeout: string) {
  const frontend = fakeFrontend();
  const seen: RunOptions[] = [];
  const { url } = await start(
    {
      ...frontend,
      lease: (spec) => {
        const lease = frontend.lease(spec);
        return {
          ...lease,
          predict: (name, inputs, options) => {
            seen.push(options);
            return lease.predict(name, inputs, options);
          },
        };
      },
    },
    { timeout },
  );
  const post = (headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}/v1/models/m:predict`, { method: "POST", body: '{"inputs":1}', headers });
  return { seen, post };
}

onEachEngine(() => {
  test("the time that a request has becomes its run's deadline", async () => {
    const { seen, post } = await noting("1m");
    const before = performance.now();
    await post();
    const [{ deadline } = {}] = seen;
    expect(deadline).toBeGreaterThanOrEqual(before + 60_000);
    expect(deadline).toBeLessThanOrEqual(performance.now() + 60_000);
  });

  test("a request says its priority in a header; one that is none is refused", async () => {
    const { seen, post } = await noting("1m");
    await post({ "salver-priority": "low" });
    await post({ "Salver-Priority": "normal" });
    await post();
    expect(seen.map(({ priority }) => priority)).toEqual(["low", "normal", undefined]);
    const reply = await post({ "salver-priority": "urgent" });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      { error: 'the header salver-priority is "normal" or "low", not "urgent"' },
    ]);
    expect(seen).toHaveLength(3);
  });

  test("what is unavailable says when to try again, and nothing else does", async () => {
    const failing = async (error: ServingError) => {
      const { url } = await start(
        fakeFrontend(() => {
          throw error;
        }),
      );
      const reply = await fetch(`${url}/v1/models/m:predict`, { method: "POST", body: '{"inputs":1}' });
      return [reply.status, reply.headers.get("retry-after"), await reply.json()];
    };
    expect(await failing(unavailable("the queue is full"))).toEqual([503, "1", { error: "the queue is full" }]);
    expect(await failing(new ServingError("DEADLINE_EXCEEDED", "late"))).toEqual([504, null, { error: "late" }]);
  });
});
