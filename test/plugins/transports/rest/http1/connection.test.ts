import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { strings, tensor } from "salver";
import { describe, expect, it } from "vitest";
import { certificateFolder, certificates } from "../../../../support/certificates.js";
import { fakeFrontend, type Run } from "../fake-frontend.js";
import { onEachEngine, open, start } from "../start.js";
import { converse, LAST, post, repliesIn } from "./answers.js";

const chunked =
  'POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{"inputs":1}\r\n0\r\n\r\n';
const half = '{"inputs":1}';
const answered = '{"outputs":2.5}\n';

/** `y = x / 2 + 2`, sooner or later: the odd ones take a turn of the event loop. */
const unsteady: Run = async (_, { x }) => {
  const [value = 0] = (x?.data ?? []) as Float32Array;
  if (value % 2 === 1) await new Promise((resolve) => setTimeout(resolve, value % 3));
  return { y: tensor("float32", [], Float32Array.of(value / 2 + 2)) };
};

onEachEngine((engine) => {
  describe("one connection", () => {
    it("is answered whatever pieces its requests come in", async () => {
      const { port } = await start(fakeFrontend());
      const text = post(half, "Accept: */*\r\nUser-Agent:a b\r\n") + LAST;
      const places = Array.from({ length: text.length - 1 }, (_, i) => i + 1);
      const ends = await Promise.all(places.map((at) => converse(port, [text.slice(0, at), text.slice(at)])));
      for (const replies of ends) {
        expect(replies.map(({ status }) => status)).toEqual([200, 200]);
        expect(replies[0]?.body).toBe(answered);
      }
    });

    it("is answered byte by byte", async () => {
      const { port } = await start(fakeFrontend());
      const replies = await converse(port, Array.from(post(half) + LAST));
      expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    });

    it("has a hundred requests at once answered in their order", async () => {
      const { port } = await start(fakeFrontend(unsteady));
      const wanted = Array.from({ length: 100 }, (_, i) => i);
      const replies = await converse(port, [wanted.map((i) => post(`{"inputs":${i}}`)).join("") + LAST]);
      expect(replies.slice(0, 100).map(({ body }) => JSON.parse(body).outputs)).toEqual(wanted.map((i) => i / 2 + 2));
      expect(replies).toHaveLength(101);
    });

    it("has requests of all kinds answered in their order", async () => {
      const { port } = await start(fakeFrontend(unsteady));
      const replies = await converse(port, [post(half) + post('{"inputs":2}') + chunked + post('{"inputs":4}') + LAST]);
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(replies.slice(0, 4).map(({ body }) => JSON.parse(body).outputs)).toEqual([2.5, 3, 2.5, 4]);
    });

    it("has a large request answered, and what stands behind it", async () => {
      const { port } = await start(fakeFrontend());
      const body = `{"inputs":[${Array.from({ length: 700_000 }, () => "1.5").join()}]}`;
      const replies = await converse(port, [post(body) + post(half) + LAST]);
      expect(replies.map(({ status, body }) => [status, body.length])).toEqual([
        [200, 700_000 * 5 - 1 + '{"outputs":[]}\n'.length],
        [200, answered.length],
        [200, expect.any(Number)],
      ]);
    });

    it("waits for the client to read", async () => {
      let runs = 0;
      const large = strings(["x".repeat(1_000_000)]);
      const { port } = await start(
        fakeFrontend(() => {
          runs++;
          return { y: large };
        }),
      );
      const socket = await open(port);
      socket.pause();
      const count = 30;
      socket.write(post(half).repeat(count) + LAST);
      for (let before = -1; before !== runs || runs === 0; ) {
        before = runs;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      if (engine === "http1") expect(runs).toBeLessThan(count / 2);
      const closed = once(socket, "close");
      socket.resume();
      await closed;
      expect(repliesIn(socket.received())).toHaveLength(count + 1);
    });

    it("may be left in the midst of a body without harm to others", async () => {
      const frontend = fakeFrontend();
      const { port, errors } = await start(frontend);
      const text = post(`{"inputs":[${"1,".repeat(1e5)}1]}`);
      for (const part of [0.001, 0.5, 0.99]) {
        const socket = await open(port);
        socket.write(text.slice(0, text.length * part));
        await new Promise((resolve) => setTimeout(resolve, 5));
        socket.destroy();
      }
      expect((await converse(port, [post(half) + LAST]))[0]?.body).toBe(answered);
      expect([frontend.held(), errors]).toEqual([0, []]);
    });

    it("that a client has half closed is answered what was ready, and closed", async () => {
      const { port } = await start(fakeFrontend());
      const socket = await open(port);
      socket.end(post(half).repeat(3));
      await once(socket, "close");
      for (const reply of repliesIn(socket.received())) expect(reply.status).toBe(200);
    });

    it("says and does as the client asks", async () => {
      const { port } = await start(fakeFrontend());
      const [kept, closed, nothing] = await converse(port, [
        post(half) + post(half, "Connection: close\r\n") + post(half),
      ]);
      expect(kept?.head).toMatch(/\r\nDate: .* GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n/);
      expect(closed?.head).toMatch(/\r\nConnection: close\r\n/);
      expect(nothing).toBeUndefined();
    });

    it("of HTTP/1.0 is closed with its answer", async () => {
      const { port } = await start(fakeFrontend());
      const replies = await converse(port, ["GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n"]);
      expect(replies.map(({ status }) => status)).toEqual([200]);
    });

    it("is all the same through TLS", async () => {
      const { ca, server: tls } = certificates;
      const { port } = await start(fakeFrontend(), { tls }, { baseDir: certificateFolder });
      const socket = connectTls({ port, host: "127.0.0.1", ca });
      let text = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => {
        text += chunk;
      });
      await once(socket, "secureConnect");
      const all = post(half) + post(`{"inputs":[${"1,".repeat(1e5)}1]}`) + chunked + post(half) + LAST;
      for (let at = 0; at < all.length; at += 50_001) {
        socket.write(all.slice(at, at + 50_001));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await once(socket, "close");
      const replies = repliesIn(text);
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect([replies[0], replies[2], replies[3]].map((reply) => reply?.body)).toEqual([answered, answered, answered]);
    });
  });

  it("both engines give the same headers", async () => {
    const { port } = await start(fakeFrontend(), { cors: true });
    const replies = await converse(port, [post(half) + post("x") + LAST]);
    const heads = replies.map(({ head }) => head.replace(/Date: .*/, "Date: now"));
    expect(heads).toMatchInlineSnapshot(`
      [
        "HTTP/1.1 200 OK
      Access-Control-Allow-Origin: *
      Access-Control-Allow-Methods: POST, GET
      Access-Control-Allow-Headers: Content-Type
      Content-Type: application/json
      Content-Length: 16
      Date: now
      Connection: keep-alive
      Keep-Alive: timeout=5

      ",
        "HTTP/1.1 400 Bad Request
      Access-Control-Allow-Origin: *
      Access-Control-Allow-Methods: POST, GET
      Access-Control-Allow-Headers: Content-Type
      Content-Type: application/json
      Content-Length: 58
      Date: now
      Connection: keep-alive
      Keep-Alive: timeout=5

      ",
        "HTTP/1.1 200 OK
      Access-Control-Allow-Origin: *
      Access-Control-Allow-Methods: POST, GET
      Access-Control-Allow-Headers: Content-Type
      Content-Type: application/json
      Content-Length: 23
      Date: now
      Connection: close

      ",
      ]
    `);
  });
});
