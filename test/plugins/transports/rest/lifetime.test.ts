import { once } from "node:events";
import { gzipSync } from "node:zlib";
import {
  createContainer,
  type Host,
  isServingError,
  ListenerToken,
  MetricsPageToken,
  provide,
  type RequestEvent,
  TelemetryToken,
  type Tensors,
  tensor,
} from "salver";
import { describe, expect, it } from "vitest";
import { silentTelemetry } from "../../../../core/telemetry.js";
import { drainUnderLoad } from "./drain-under-load.js";
import { fakeFrontend } from "./fake-frontend.js";
import { onEachEngine, open, start } from "./start.js";

const REQUEST = 'POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{"inputs":1}';
const BODY = '{"inputs":1}';
const answer: Tensors = { y: tensor("float32", [], Float32Array.of(2.5)) };

/** A run that waits until it is told to end. */
function gate() {
  let open: (tensors: Tensors) => void = () => {};
  let enter: (signal: AbortSignal) => void = () => {};
  const opened = new Promise<Tensors>((resolve) => {
    open = resolve;
  });
  const entered = new Promise<AbortSignal>((resolve) => {
    enter = resolve;
  });
  // As a lease's, the run frees its caller, and takes no notice itself.
  const frontend = fakeFrontend((_, __, signal) => {
    enter(signal);
    return Promise.race([opened, once(signal, "abort").then(() => Promise.reject(signal.reason))]);
  });
  return { frontend, entered, open: () => open(answer) };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

/** A host whose telemetry keeps what it is told. */
function counting() {
  const requests: Pick<RequestEvent, "method" | "code">[] = [];
  const container = createContainer();
  container.add(
    provide(TelemetryToken, () => ({
      ...silentTelemetry,
      requestEnded: ({ method, code }) => void requests.push({ method, code }),
    })),
    provide(MetricsPageToken, () => undefined),
    provide(ListenerToken, () => undefined),
  );
  const host: Pick<Host, "get"> = { get: (token) => container.get(token) };
  return { host, requests };
}

onEachEngine(() => {
  describe("a request ends early", () => {
    it.each([
      ["a plain", "closed"],
      ["a plain", "reset"],
      ["a compressed", "closed"],
      ["a compressed", "reset"],
    ])("when its client leaves during %s upload, %s: counted as cancelled, and no error", async (kind, end) => {
      const { host, requests } = counting();
      const { port, errors } = await start(fakeFrontend(), {}, host);
      const socket = await open(port);
      const [header, body] = kind === "a plain" ? ["", BODY] : ["Content-Encoding: gzip\r\n", gzipSync(BODY)];
      socket.write(`POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\n${header}Content-Length: 100\r\n\r\n`);
      socket.write(body);
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (end === "reset") socket.resetAndDestroy();
      else socket.destroy();
      await until(() => requests.length > 0);
      expect([requests, errors]).toEqual([[{ method: "Predict", code: "CANCELLED" }], []]);
    });

    it.each(["closed", "reset"])("when its client leaves during its run, %s: the same", async (how) => {
      const { frontend, entered, open: end } = gate();
      const { host, requests } = counting();
      const { port, errors } = await start(frontend, {}, host);
      const socket = await open(port);
      socket.write(REQUEST);
      await entered;
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroy();
      await until(() => requests.length > 0);
      end();
      await until(() => frontend.held() === 0);
      expect([requests, errors]).toEqual([[{ method: "Predict", code: "CANCELLED" }], []]);
    });

    it("when its client leaves: cancelled, and the lease given back", async () => {
      const { frontend, entered, open: end } = gate();
      const { port } = await start(frontend);
      const socket = await open(port);
      socket.write(REQUEST);
      const signal = await entered;
      expect(signal.aborted).toBe(false);
      socket.destroy();
      await once(signal, "abort");
      expect(isServingError(signal.reason) && signal.reason.code).toBe("CANCELLED");
      await until(() => frontend.held() === 0);
      end();
    });

    it("when its time is over: 504, also when the run takes no notice", async () => {
      const { frontend, entered, open: end } = gate();
      const { url } = await start(frontend, { timeout: "20ms" });
      const reply = await fetch(`${url}/v1/models/m:predict`, { method: "POST", body: '{"inputs":1}' });
      expect([reply.status, await reply.json()]).toEqual([
        504,
        { error: "the request took longer than its timeout of 20 ms" },
      ]);
      const { reason } = await entered;
      expect(isServingError(reason) && reason.code).toBe("DEADLINE_EXCEEDED");
      expect(frontend.held()).toBe(0);
      end();
    });
  });

  describe("draining", () => {
    it("finishes what is under way, closes the rest and takes nothing new", async () => {
      const { frontend, entered, open: end } = gate();
      const { transport, port } = await start(frontend);
      const silent = await open(port);
      const idle = await open(port);
      idle.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      await once(idle, "data");
      expect(idle.received()).toContain("Connection: keep-alive");
      const busy = await open(port);
      busy.write(REQUEST);
      await entered;

      const drained = transport.drain(new AbortController().signal);
      await Promise.all([once(silent, "close"), once(idle, "close")]);
      await expect(open(port)).rejects.toThrow("ECONNREFUSED");
      expect(busy.received()).toBe("");
      end();
      await once(busy, "close");
      expect(busy.received()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close.*\{"outputs":2\.5\}\n$/s);
      await drained;
    });

    it("answers all that was written before, and tells its clients", async () => {
      const { transport, port } = await start(fakeFrontend());
      const clients = await Promise.all(Array.from({ length: 32 }, () => open(port)));
      const ends = await drainUnderLoad(transport, clients);
      expect(ends).toEqual(clients.map(() => "told"));
    });

    it("answers a request that comes on an idle connection while it waits", async () => {
      const { transport, port } = await start(fakeFrontend());
      const [silent, idle] = await Promise.all([open(port), open(port)]);
      idle.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      await once(idle, "data");
      const drained = transport.drain(new AbortController().signal);
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const socket of [silent, idle]) socket.write(REQUEST);
      await Promise.all([once(silent, "close"), once(idle, "close"), drained]);
      for (const socket of [silent, idle]) {
        expect(socket.received()).toMatch(
          /HTTP\/1\.1 200 OK\r\n(?:(?!HTTP).)*Connection: close.*\{"outputs":2\.5\}\n$/s,
        );
      }
    });

    it("is told of before: answers say that their connection closes, and new ones are taken", async () => {
      const { frontend, entered, open: end } = gate();
      const { transport, port } = await start(frontend);
      const idle = await open(port);
      const busy = await open(port);
      busy.write(REQUEST);
      await entered;
      transport.announceEnd?.();
      end();
      const late = await open(port);
      for (const socket of [idle, late]) socket.write(REQUEST);
      await Promise.all([busy, idle, late].map((socket) => once(socket, "close")));
      for (const socket of [busy, idle, late]) {
        expect(socket.received()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close.*\{"outputs":2\.5\}\n$/s);
      }
    });

    it("cuts idle connections too at the deadline", async () => {
      const { transport, port } = await start(fakeFrontend());
      const idle = await open(port);
      await Promise.all([once(idle, "close"), transport.drain(AbortSignal.abort())]);
    });

    it("cuts what is left at the deadline", async () => {
      const { frontend, entered, open: end } = gate();
      const { transport, port } = await start(frontend);
      const busy = await open(port);
      busy.write(REQUEST);
      const signal = await entered;
      const deadline = new AbortController();
      const drained = transport.drain(deadline.signal);
      deadline.abort();
      await drained;
      await once(busy, "close");
      expect(busy.received()).toBe("");
      expect(signal.aborted).toBe(true);
      end();
      await until(() => frontend.held() === 0);
    });
  });

  describe("starting and stopping", () => {
    it("a taken port is named", async () => {
      const { address, port } = await start(fakeFrontend());
      expect(address).toEqual({ protocol: "rest", host: "127.0.0.1", port });
      await expect(start(fakeFrontend(), { port })).rejects.toThrow(
        `cannot listen on 127.0.0.1:${port}: the port is taken`,
      );
    });

    it("disposal is safe at any time", async () => {
      const { transport, url } = await start(fakeFrontend());
      await fetch(`${url}/healthz`);
      const waiting = transport.drain(new AbortController().signal);
      await transport[Symbol.asyncDispose]();
      await waiting;
      await transport[Symbol.asyncDispose]();
      await transport.drain(AbortSignal.abort());
    });
  });
});
