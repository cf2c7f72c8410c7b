import { createServer, definePlugin, type Transport, transport } from "salver";
import { expect, test } from "vitest";
import { z } from "zod";

/** What a transport hears of the end of a server with this delay; the clock sleeps no time. */
async function endOf(delay: string): Promise<readonly string[]> {
  const heard: string[] = [];
  const listener: Transport = {
    listen: async () => ({ protocol: "fake", host: "", port: 0 }),
    announceEnd: () => void heard.push("announced"),
    drain: async () => void heard.push("drained"),
    [Symbol.asyncDispose]: async () => void heard.push("disposed"),
  };
  const options = z.strictObject({});
  const plugin = definePlugin({
    name: "fake",
    factories: [transport({ type: "fake", description: "For tests.", options, example: {}, create: () => listener })],
  });
  const clock = { now: () => 0, sleep: async (ms: number) => void heard.push(`slept ${ms}`) };
  const config = { models: {}, transports: ["fake"], shutdown: { delay } };
  const server = await createServer(config, { plugins: [plugin], clock });
  await server.start();
  await server.stop();
  return heard;
}

test("transports are told of the end before the delay, and drain after it", async () => {
  expect(await endOf("5s")).toEqual(["announced", "slept 5000", "drained", "disposed"]);
});

test("without a delay they drain at once", async () => {
  expect(await endOf("0s")).toEqual(["drained", "disposed"]);
});
