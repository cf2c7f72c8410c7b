import { once } from "node:events";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fakeFrontend } from "../fake-frontend.js";
import { open, start } from "../start.js";
import { LAST, post, repliesIn } from "./answers.js";

const body = '{"inputs":1}';
const line = "POST /v1/models/m:predict HTTP/1.1\r\n";
const length = `Content-Length: ${body.length}\r\n`;

// Client and server are in this process, and nothing that is asked here takes more than a few turns of its event loop.
const TURNS = 50;

/** The statuses of all that is answered until nothing more comes: what waits for more bytes is as good as refused. */
async function statuses(port: number, bytes: Uint8Array | string): Promise<readonly number[]> {
  const socket = await open(port);
  const closed = once(socket, "close");
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  for (let still = 0, before = 0; still < TURNS && !socket.closed; still++) {
    if (before !== socket.received().length) still = 0;
    before = socket.received().length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.destroy();
  await closed;
  return repliesIn(socket.received()).map(({ status }) => status);
}

async function both() {
  const [fast, node] = await Promise.all(
    (["http1", "node"] as const).map((engine) => start(fakeFrontend(), { engine, maxBodySize: "1KB" })),
  );
  return { fast: fast!.port, node: node!.port };
}

it.each([
  ["a length twice", `${line}Host: a\r\n${length}${length}\r\n${body}`],
  ["two lengths", `${line}Host: a\r\n${length}Content-Length: 3\r\n\r\n${body}`],
  ["lengths in one header", `${line}Host: a\r\nContent-Length: 12, 12\r\n\r\n${body}`],
  ["a length with a sign", `${line}Host: a\r\nContent-Length: +12\r\n\r\n${body}`],
  ["a negative length", `${line}Host: a\r\nContent-Length: -1\r\n\r\n${body}`],
  ["a length in hex", `${line}Host: a\r\nContent-Length: 0xc\r\n\r\n${body}`],
  ["an empty length", `${line}Host: a\r\nContent-Length: \r\n\r\n${body}`],
  ["an endless length", `${line}Host: a\r\nContent-Length: ${"9".repeat(40)}\r\n\r\n${body}`],
  ["a length over the limit", `${line}Host: a\r\nContent-Length: 2000\r\n\r\n${" ".repeat(2000)}`],
  ["a length and chunks", `${line}Host: a\r\n${length}Transfer-Encoding: chunked\r\n\r\n${body}`],
  ["chunks and a length", `${line}Host: a\r\nTransfer-Encoding: chunked\r\n${length}\r\n0\r\n\r\n`],
  ["a coding nobody knows", `${line}Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n${body}`],
  ["a space before the colon", `${line}Host: a\r\nContent-Length : 12\r\n\r\n${body}`],
  ["a folded header", `${line}Host: a\r\nX: a\r\n b\r\n${length}\r\n${body}`],
  ["a header that begins with a space", `${line} Host: a\r\n${length}\r\n${body}`],
  ["line feeds alone", `${line}Host: a\r\n${length}\r\n${body}`.replaceAll("\r", "")],
  ["one line feed alone", `${line}Host: a\nX: y\r\n${length}\r\n${body}`],
  ["a carriage return alone", `${line}Host: a\r${length}\r\n${body}`],
  ["a zero byte in a value", `${line}Host: a\r\nX: \0\r\n${length}\r\n${body}`],
  ["a zero byte in a name", `${line}Host: a\r\nX\0: y\r\n${length}\r\n${body}`],
  ["a byte beyond ASCII in a value", `${line}Host: a\r\nX: \xe9\r\n${length}\r\n${body}`],
  ["a byte beyond ASCII in the target", `POST /v1/models/\xe9:predict HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["no name", `${line}Host: a\r\n: y\r\n${length}\r\n${body}`],
  ["no host", `${line}${length}\r\n${body}`],
  ["two hosts", `${line}Host: a\r\nHost: b\r\n${length}\r\n${body}`],
  ["a host that is none", `${line}Host: a b\r\n${length}\r\n${body}`],
  ["a host with a port beyond all", `${line}Host: a:99999\r\n${length}\r\n${body}`],
  ["an empty host", `${line}Host:\r\n${length}\r\n${body}`],
  ["an absolute target", `POST http://b/v1/models/m:predict HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["no target", `POST  HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["two spaces", `POST  /v1/models/m:predict HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["a star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["another version", `${line.replace("1.1", "1.2")}Host: a\r\n${length}\r\n${body}`],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["another method", `PUT /v1/models/m HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["no method at all", `FROB /v1/models/m HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["a method in small letters", `post /v1/models/m:predict HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  ["a GET with a body", `GET /v1/models/m HTTP/1.1\r\nHost: a\r\n${length}\r\n${body}`],
  [
    "a GET with a body that looks like a request",
    `GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${LAST.length}\r\n\r\n${LAST}`,
  ],
  ["a HEAD", "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
  ["an upgrade", `GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  ["an expectation nobody knows", `${line}Host: a\r\nExpect: wonders\r\n${length}\r\n${body}`],
  ["several connection options", `${line}Host: a\r\nConnection: close, x\r\n${length}\r\n${body}${LAST}`],
  ["connection twice", `${line}Host: a\r\nConnection: keep-alive\r\nConnection: close\r\n${length}\r\n${body}${LAST}`],
  ["empty lines before it", `\r\n\r\n${line}Host: a\r\n${length}\r\n${body}`],
  ["headers beyond all bounds", `${line}Host: a\r\nX: ${"x".repeat(20_000)}\r\n${length}\r\n${body}`],
  ["headers that are only long", `${line}Host: a\r\nX: ${"x".repeat(12_000)}\r\n${length}\r\n${body}`],
  ["a target beyond all bounds", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ["a handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
])("%s: as Node answers it", async (_, text) => {
  const { fast, node } = await both();
  // The good one before it shows that it makes no difference how the connection began.
  const alone = await statuses(node, text);
  expect(await statuses(fast, text)).toEqual(alone);
  expect(await statuses(fast, post(body) + text)).toEqual([200, ...alone]);
});

it("of requests with any bytes changed: as Node answers them, or neither takes them", async () => {
  const { fast, node } = await both();
  const base = `${post(body, "Accept: */*\r\nConnection: keep-alive\r\nsalver-priority: low\r\n")}GET /healthz HTTP/1.1\r\nHost: localhost:80\r\n\r\n`;
  const change = fc.tuple(
    fc.nat(base.length - 1),
    fc.oneof(fc.constantFrom(...Buffer.from("\r\n\t :;,/?#%0919aZ_-\0\x7f\x80")), fc.integer({ min: 0, max: 255 })),
    fc.constantFrom("instead", "before", "without"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 16, maxLength: 16 }),
      async (all) => {
        await Promise.all(
          all.map(async (changes) => {
            let bytes = Buffer.from(base);
            for (const [at, byte, how] of changes) {
              const middle = how === "without" ? Buffer.alloc(0) : Buffer.of(byte);
              bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(how === "before" ? at : at + 1)]);
            }
            const [ours, theirs] = await Promise.all([statuses(fast, bytes), statuses(node, bytes)]);
            // Where what follows a request is none, Node throws away its answer, or says no more than that.
            if (theirs[0] === 400 && ours.at(-1) === 400) return;
            expect([bytes.toString("latin1"), ours[0]]).toEqual([bytes.toString("latin1"), theirs[0]]);
          }),
        );
      },
    ),
    { numRuns: 30 },
  );
});
