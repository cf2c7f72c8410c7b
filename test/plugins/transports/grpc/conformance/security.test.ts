import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as netConnect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import { type ChannelCredentials, credentials, status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { certificateFolder, certificates } from "../../../../support/certificates.js";
import { CHECK, grpcReply, PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { failure, openChannel, serve } from "./stage.js";

const { ca, server, client, stranger } = certificates;
const host = { baseDir: certificateFolder };

const secure = (authority: string, own?: { readonly key: string; readonly cert: string }) =>
  credentials.createSsl(Buffer.from(authority), own && Buffer.from(own.key), own && Buffer.from(own.cert));

async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...options });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

describe.each(engines)("%s: sockets and certificates", (engine) => {
  const codeOf = (port: number, as: ChannelCredentials) =>
    openChannel(`localhost:${port}`, as)
      .bytes(CHECK, Buffer.alloc(0))
      .then(
        () => status.OK,
        (error) => error.code as status,
      );

  test("a UNIX socket beside the port, and alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "salver-conformance-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const [i, port] of [0, false].entries()) {
      const socketPath = join(folder, `socket${i}`);
      await serve(engine, { socketPath, port });
      const { bytes } = openChannel(`unix:${socketPath}`);
      const payload = Buffer.alloc(300_000, i + 1);
      expect(predictedPayload(await bytes(PREDICT, predictRequest(payload))).equals(payload)).toBe(true);
    }
  });

  test("TLS: from text and from files, small messages and large ones", async () => {
    for (const tls of [server, { key: "server-key.pem", cert: "server.pem" }]) {
      const { port } = await serve(engine, { tls }, host);
      const { bytes } = openChannel(`localhost:${port}`, secure(ca));
      for (const length of [1, 2_000_000]) {
        const payload = Buffer.alloc(length, "s");
        expect(predictedPayload(await bytes(PREDICT, predictRequest(payload))).equals(payload)).toBe(true);
      }
    }
  });

  test("TLS: nobody comes in in the clear, or without trust", async () => {
    const { port } = await serve(engine, { tls: server }, host);
    expect(await codeOf(port, credentials.createInsecure())).toBe(status.UNAVAILABLE);
    expect(await codeOf(port, secure(stranger.cert))).toBe(status.UNAVAILABLE);
    expect(await codeOf(port, secure(ca))).toBe(status.OK);
  });

  test("mutual TLS: only with a certificate of the authority", async () => {
    const { port } = await serve(engine, { tls: { ...server, clientCa: ca } }, host);
    expect(await codeOf(port, secure(ca))).toBe(status.UNAVAILABLE);
    expect(await codeOf(port, secure(ca, stranger))).toBe(status.UNAVAILABLE);
    expect(await codeOf(port, secure(ca, client))).toBe(status.OK);
    const lax = await serve(engine, { tls: { ...server, clientCa: ca, clientVerify: false } }, host);
    expect(await codeOf(lax.port, secure(ca))).toBe(status.OK);
  });

  test("TLS: h2 is what is agreed on, and TLS below 1.2 is not spoken", async () => {
    const { port } = await serve(engine, { tls: server }, host);
    const socket = await handshake(port, { ALPNProtocols: ["http/1.1", "h2"] });
    expect(socket.alpnProtocol).toBe("h2");
    await using raw = await rawClient(port, { socket });
    raw.send(request(1, CHECK, Buffer.alloc(0)));
    expect(grpcReply(await raw.reply(1)).status).toBe(status.OK);
    const old = connect({
      port,
      host: "127.0.0.1",
      ca,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await expect(once(old, "secureConnect")).rejects.toThrow();
  });

  test("TLS: a client that offers only HTTP/1.1 is not served gRPC", async () => {
    const { port, channel } = await serve(engine, { tls: server }, host);
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca, ALPNProtocols: ["http/1.1"] });
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
    });
    await closed;
    expect(text).not.toMatch(/^HTTP\/1\.1 200/);
    await channel({}, secure(ca), `localhost:${port}`).bytes(CHECK, Buffer.alloc(0));
  });

  test("TLS: broken handshakes are no trouble for others", async () => {
    const { port } = await serve(engine, { tls: server }, host);
    const { bytes } = openChannel(`localhost:${port}`, secure(ca));
    for (let i = 0; i < 30; i++) {
      const socket = netConnect(port, "127.0.0.1");
      socket.on("error", () => {});
      const begun = Buffer.from("16030100a5010000a10303", "hex");
      socket.write(i % 3 === 0 ? Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") : begun.subarray(0, i));
      if (i % 2 === 0) socket.end();
      onTestFinished(() => void socket.destroy());
      if (i % 10 === 0) await bytes(CHECK, Buffer.alloc(0));
    }
    await bytes(CHECK, Buffer.alloc(0));
    expect((await failure(bytes("/no/thing", Buffer.alloc(0)))).code).toBe(status.UNIMPLEMENTED);
  });
});
