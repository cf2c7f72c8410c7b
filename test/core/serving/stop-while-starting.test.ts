import { expect, it } from "vitest";
import { z } from "zod";
import { createServer, definePlugin, type Transport, transport } from "../../../core/index.js";

type Event = "listen" | "dispose";

/** A transport that takes its time to listen. */
function slowTransport(events: Event[], gate: Promise<void>) {
  const made: Transport = {
    listen: async () => {
      await gate;
      events.push("listen");
      return { protocol: "slow", host: "127.0.0.1", port: 1 };
    },
    drain: async () => {},
    [Symbol.asyncDispose]: async () => {
      events.push("dispose");
    },
  };
  const factory = { type: "slow", description: "Slow.", options: z.strictObject({}), example: {}, create: () => made };
  return definePlugin({ name: "slow", factories: [transport(factory)] });
}

const serverWith = (events: Event[], gate = Promise.resolve()) =>
  createServer({ models: {}, transports: ["slow"] }, { plugins: [slowTransport(events, gate)] });

it("a server that stops opens no transport any more", async () => {
  const events: Event[] = [];
  const server = await serverWith(events);
  await server.load();
  const stopped = server.stop();
  expect(await server.listen()).toEqual([]);
  await stopped;
  expect(events).toEqual([]);
});

it("a transport that came to listen while the server stopped is closed again", async () => {
  const events: Event[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const server = await serverWith(events, gate);
  await server.load();
  const listening = server.listen();
  await Promise.resolve();
  const stopped = server.stop();
  open();
  expect(await listening).toEqual([]);
  await stopped;
  expect(events.at(-1)).toBe("dispose");
});
