import { once } from "node:events";
import { type RequestOptions, request } from "node:https";
import { connect } from "node:tls";
import { tensor } from "salver";
import { describe, expect, it, onTestFinished } from "vitest";
import { certificateFolder, certificates } from "../../../support/certificates.js";
import { drainUnderLoad } from "./drain-under-load.js";
import { fakeFrontend } from "./fake-frontend.js";
import { onEachEngine, open, start } from "./start.js";

const { ca, server, client, stranger } = certificates;
const served = (tls: object, frontend = fakeFrontend()) => start(frontend, { tls }, { baseDir: certificateFolder });

function post(port: number, options: RequestOptions): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const path = "/v1/models/m:predict";
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent: false, ...options }, (reply) => {
      let body = "";
      reply.on("data", (chunk) => {
        body += chunk;
      });
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, body }));
      reply.on("error", reject);
    });
    sent.on("error", reject);
    sent.end('{"inputs":1}');
  });
}

const answer = { status: 200, body: expect.stringContaining('"outputs":2.5') };

onEachEngine(() => {
  describe("TLS", () => {
    it("answers clients that trust its certificate, from text or from files", async () => {
      const { port: first, address } = await served(server);
      expect(address.secure).toBe(true);
      expect(await post(first, { ca })).toEqual(answer);
      const { port } = await served({ key: "server-key.pem", cert: "server.pem" });
      expect(await post(port, { ca })).toEqual(answer);
    });

    it("takes nobody in the clear, and clients who do not trust it do not come in", async () => {
      const { port } = await served(server);
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
      await expect(post(port, { ca: stranger.cert })).rejects.toThrow(/certificate/);
      expect(await post(port, { ca })).toEqual(answer);
    });

    it("asks for no client certificate where none is to be verified", async () => {
      const { port } = await served({ ...server, clientCa: ca, clientVerify: false });
      expect(await post(port, { ca })).toEqual(answer);
    });
  });

  describe("mutual TLS", () => {
    it("lets in who has a certificate of the authority, and nobody else", async () => {
      const { port } = await served({ ...server, clientCa: ca });
      expect(await post(port, { ca, ...client })).toEqual(answer);
      await expect(post(port, { ca })).rejects.toThrow();
      await expect(post(port, { ca, ...stranger })).rejects.toThrow();
      expect(await post(port, { ca, ...client })).toEqual(answer);
    });
  });

  /** A model whose runs wait until they are told to end. */
  function gate() {
    let end = () => {};
    let enter = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    const frontend = fakeFrontend(async () => {
      enter();
      await ended;
      return { y: tensor("float32", [], Float32Array.of(2.5)) };
    });
    return { frontend, entered, end: () => end() };
  }

  describe("draining", () => {
    it("finishes what is under way and closes idle connections and unfinished handshakes", async () => {
      const { frontend, entered, end } = gate();
      const { transport, port } = await served(server, frontend);
      const shaking = await open(port);
      const idle = connect({ port, host: "127.0.0.1", ca });
      onTestFinished(() => void idle.destroy());
      idle.on("error", () => {});
      await once(idle, "secureConnect");
      const underWay = post(port, { ca });
      await entered;

      const drained = transport.drain(new AbortController().signal);
      await Promise.all([once(shaking, "close"), once(idle, "close")]);
      end();
      expect(await underWay).toEqual(answer);
      await drained;
    });

    it("answers all that was written before, and tells its clients", async () => {
      const { transport, port } = await served(server);
      const clients = Array.from({ length: 16 }, () => connect({ port, host: "127.0.0.1", ca }));
      onTestFinished(() => clients.forEach((socket) => void socket.destroy()));
      await Promise.all(clients.map((socket) => once(socket, "secureConnect")));
      const ends = await drainUnderLoad(transport, clients);
      expect(ends).toEqual(clients.map(() => "told"));
    });

    it("cuts what is left at the deadline", async () => {
      const { frontend, entered, end } = gate();
      const { transport, port } = await served(server, frontend);
      const underWay = expect(post(port, { ca })).rejects.toThrow();
      await entered;
      await transport.drain(AbortSignal.timeout(20));
      await underWay;
      end();
    });
  });

  it("does not start with certificates that cannot be read", async () => {
    await expect(served({ key: "no.pem", cert: "server.pem" })).rejects.toThrow(/^tls\.key: cannot read /);
  });
});
