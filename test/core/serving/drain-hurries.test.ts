import { createServer, definePlugin, servable, type Transport, tensor, transport } from "salver";
import { expect, test } from "vitest";
import { z } from "zod";
import availability from "../../../plugins/policies/availability-preserving/index.js";
import { fakePlugin, fakeServable } from "../../support/core-fakes.js";

const options = z.strictObject({});
const base = { description: "For tests.", options, example: {} };

test("a server that drains tells what is loaded to hurry, once and after its delay, so that requests that wait end", async () => {
  const heard: string[] = [];
  const fake = fakePlugin();
  let wake = () => {};
  const hurried = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let answered: Promise<unknown> = Promise.resolve();
  const draining: Transport = {
    listen: async () => ({ protocol: "fake", host: "", port: 0 }),
    drain: async () => {
      await answered;
      heard.push("drained");
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const plugin = definePlugin({
    name: "waiting",
    factories: [
      transport({ type: "fake", ...base, create: () => draining }),
      servable({
        type: "waiting",
        ...base,
        create: () => (version) => ({
          estimate: async () => ({ memory: 0 }),
          load: async () => ({
            ...fakeServable(version, heard, async () => {
              await hurried;
              return { y: tensor("int64", [], BigInt64Array.of(1n)), n: tensor("int32", [], Int32Array.of(1)) };
            }),
            hurry: () => {
              heard.push("hurried");
              wake();
            },
          }),
        }),
      }),
    ],
  });
  const server = await createServer(
    {
      models: { m: { source: "scripted", servable: "waiting", warmup: false } },
      transports: ["fake"],
      shutdown: { delay: "5s" },
    },
    {
      plugins: [fake.plugin, plugin, availability],
      clock: { now: () => 0, sleep: async (ms) => void heard.push(`slept ${ms}`) },
    },
  );
  await server.start();
  await server.settled;
  using lease = server.frontend.lease({ name: "m" });
  const x = tensor("float32", [1], Float32Array.of(1));
  answered = Promise.resolve(lease.predict("", { x }, { signal: new AbortController().signal })).finally(() =>
    lease[Symbol.dispose](),
  );
  await server.stop();
  expect(heard).toEqual(["slept 5000", "hurried", "drained", "dispose 1"]);
});
