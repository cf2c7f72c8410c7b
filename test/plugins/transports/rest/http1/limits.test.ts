import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { fakeHost } from "../../../../../core/testing/index.js";
import type { Exchange } from "../../../../../plugins/transports/rest/engine.js";
import { createHttp1Engine } from "../../../../../plugins/transports/rest/engines/http1/engine.js";
import { LIMITS, type Limits } from "../../../../../plugins/transports/rest/engines/http1/limits.js";
import { options } from "../../../../../plugins/transports/rest/options.js";

const body = "0123456789";
const head = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;

/** An engine that looks often, and says what it served. */
async function started(limits: Partial<Limits>) {
  const served: Exchange[] = [];
  const serve = (exchange: Exchange) => {
    served.push(exchange);
    exchange.reply(200, {}, "yes");
  };
  const engine = await createHttp1Engine(serve, options.parse({}), fakeHost(), { ...LIMITS, look: 2, ...limits });
  engine.acceptor.listen(0, "127.0.0.1");
  await once(engine.acceptor, "listening");
  onTestFinished(() => {
    engine.connections.cut();
    engine.close();
  });
  const { port } = engine.acceptor.address() as AddressInfo;
  const open = async () => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    await once(socket, "connect");
    return Object.assign(socket, { received: () => text });
  };
  return { served, open };
}

it("a connection on which nothing comes is closed, before a request and after", async () => {
  const { open } = await started({ silence: 20, keepAlive: 20 });
  const silent = await open();
  await once(silent, "close");
  const kept = await open();
  kept.write(head + body);
  await once(kept, "close");
  expect(kept.received()).toMatch(/^HTTP\/1\.1 200 OK.*yes$/s);
});

it("the two have times of their own", async () => {
  const { open } = await started({ silence: 1e6, keepAlive: 20 });
  const [silent, kept] = await Promise.all([open(), open()]);
  kept.write(head + body);
  await once(kept, "close");
  expect(silent.readyState).toBe("open");
  silent.destroy();
});

it("a body that does not come to its end is refused", async () => {
  const { open, served } = await started({ request: 20 });
  const socket = await open();
  socket.write(head + body.slice(1));
  await once(socket, "close");
  expect(socket.received()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n$/);
  expect(served).toHaveLength(1);
  expect(() => served[0]?.body()).toThrow("the client left before its request was complete");
});

it("a head that comes slowly is Node's to read, and answered like any other", async () => {
  const { open, served } = await started({});
  const socket = await open();
  for (const byte of head) {
    socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  while (!socket.received().endsWith("yes")) await once(socket, "data");
  // Only Node's is still to come when the head has.
  const came = served[0]?.body();
  expect(came).toBeInstanceOf(Promise);
  Promise.resolve(came).catch(() => {});
  socket.destroy();
});

it("a request that is answered late is not one that came late", async () => {
  const { open, served } = await started({ silence: 500, keepAlive: 1e6, request: 500 });
  const socket = await open();
  socket.write(head + body);
  while (served.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 800));
  socket.write(head + body);
  while (served.length < 2) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
});

it("only the first answer counts, and none to who has left", async () => {
  const { open, served } = await started({});
  const socket = await open();
  socket.write(head + body);
  while (!socket.received().endsWith("yes")) await once(socket, "data");
  served[0]?.reply(500, {}, "no");
  socket.write(head + body);
  while (served.length < 2) await once(socket, "data");
  served[0]?.reply(500, {}, "no");
  socket.end();
  await once(socket, "close");
  expect(socket.received().match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
});
