import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fakeFrontend } from "./fake-frontend.js";
import { onEachEngine, open, start } from "./start.js";

const PATH = "/v1/models/m:predict";
const gzip = { "Content-Encoding": "gzip" };

async function post(
  url: string,
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
) {
  const reply = await fetch(url + PATH, { method: "POST", body, headers, duplex: "half" } as RequestInit);
  return { status: reply.status, text: (await reply.text()).trimEnd() };
}

/** `count` pieces of a megabyte of white space, told when taken. */
function spaces(count: number, taken: { pieces: number }): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(1e6).fill(0x20);
  return new ReadableStream({
    pull: (controller) => {
      if (taken.pieces++ < count) controller.enqueue(piece);
      else controller.close();
    },
  });
}

onEachEngine(() => {
  describe("a body within the limit", () => {
    it("in one piece, in many, without a length", async () => {
      const { url, port } = await start(fakeFrontend());
      const text = `{"instances":[${Array.from({ length: 500_000 }, () => "1.5").join()}]}`;
      const answer = `{"predictions":[${Array.from({ length: 500_000 }, () => "2.75").join()}]}`;
      expect((await post(url, text)).text).toBe(answer);
      expect((await post(url, new Blob([text]).stream())).text).toBe(answer);
      const socket = await open(port);
      socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`);
      for (const part of ['{"inst', 'ances":[', "1", "]}"]) {
        socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      socket.write("0\r\n\r\n");
      await new Promise((resolve) => socket.once("close", resolve));
      expect(socket.received()).toContain('{"predictions":[2.5]}');
    });

    it("gzip is decompressed; what is none is an empty body", async () => {
      const { url } = await start(fakeFrontend());
      const whole = gzipSync(`{"instances":[1]}${" ".repeat(1e5)}`);
      expect(await post(url, whole, gzip)).toEqual({ status: 200, text: '{"predictions":[2.5]}' });
      const empty = { status: 400, text: '{"error":"JSON Parse error: The document is empty"}' };
      expect(await post(url, "garbage", gzip)).toEqual(empty);
      expect(await post(url, whole.subarray(0, whole.length - 12), gzip)).toEqual(empty);
      expect(await post(url, "", gzip)).toEqual(empty);
    });

    it("other encodings are passed over", async () => {
      const { url } = await start(fakeFrontend());
      const br = { "Content-Encoding": "br" };
      expect(await post(url, '{"instances":[1]}', br)).toEqual({ status: 200, text: '{"predictions":[2.5]}' });
      const packed = brotliCompressSync('{"instances":[1]}');
      expect(await post(url, packed, br)).toEqual({ status: 400, text: expect.stringContaining("JSON Parse error") });
    });

    it("of which less comes than announced cancels nothing but itself", async () => {
      const frontend = fakeFrontend();
      const { url, port } = await start(frontend);
      const socket = await open(port);
      socket.end(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"instances":[1]}`);
      await new Promise((resolve) => socket.once("close", resolve));
      expect((await post(url, '{"inputs":1}')).status).toBe(200);
      expect(frontend.held()).toBe(0);
    });
  });

  describe("a body over the limit", () => {
    const limit = { maxBodySize: "1MB" };
    const refused = { status: 413, text: expect.stringContaining("larger than the limit of 1000000 bytes") };

    it("is refused by its announced length, or when that many bytes have come", async () => {
      const { url } = await start(fakeFrontend(), limit);
      expect(await post(url, " ".repeat(1_000_001))).toEqual(refused);
      expect(await post(url, spaces(2, { pieces: 0 }))).toEqual(refused);
      expect(await post(url, gzipSync(Buffer.alloc(50e6, " ")), gzip)).toEqual(refused);
      expect((await post(url, `{"inputs":1}${" ".repeat(999_988)}`)).status).toBe(200);
    });

    it("of 100 MB is not kept", async () => {
      const { url } = await start(fakeFrontend(), limit);
      const before = process.memoryUsage();
      const taken = { pieces: 0 };
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before.arrayBuffers);
      }, 1);
      const reply = await post(url, spaces(100, taken)).catch((error: unknown) => error);
      clearInterval(watch);
      expect(reply).toEqual(refused);
      expect(most).toBeLessThan(50e6);
    });

    it("is refused before it is sent, where the client waits for leave", async () => {
      const { port } = await start(fakeFrontend(), limit);
      const head = (length: number) =>
        `POST ${PATH} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
      const large = await open(port);
      large.write(head(2e6));
      await new Promise((resolve) => large.once("data", resolve));
      expect(large.received()).toMatch(/^HTTP\/1\.1 413 .*Connection: close/s);
      const small = await open(port);
      small.write(head(12));
      await new Promise((resolve) => small.once("data", resolve));
      expect(small.received()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
      small.write('{"inputs":1}');
      await new Promise((resolve) => small.once("data", resolve));
      expect(small.received()).toContain('{"outputs":2.5}');
    });

    it("is refused to a client too that reads only when all is sent", async () => {
      const { port } = await start(fakeFrontend(), limit);
      const socket = await open(port);
      socket.pause();
      socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n`);
      for (let sent = 0; sent < 4e6; sent += 1e5) {
        socket.write(" ".repeat(1e5));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
      expect(socket.received()).toContain("413 Payload Too Large");
    });

    it("ends the connection, which is not read on for ever", async () => {
      const { url, port } = await start(fakeFrontend(), limit);
      const socket = await open(port);
      socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `${(100_000).toString(16)}\r\n${" ".repeat(100_000)}\r\n`;
      const sending = setInterval(() => socket.write(chunk), 1);
      await new Promise((resolve) => socket.once("close", resolve));
      clearInterval(sending);
      expect(socket.received()).toContain("413 Payload Too Large");
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    });
  });
});
