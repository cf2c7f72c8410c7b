import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  after,
  answered,
  corrupted,
  cutBeforeAnswer,
  cutInBody,
  cutInHeaders,
  cutInStatusLine,
  drip,
  type FaultProxy,
  faultProxy,
  midway,
  shortened,
  silence,
  truncated,
} from "./index.js";

const long = 200_000;
let content = Buffer.alloc(long, "a");
const server = createServer((request, response) => {
  const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = request.method === "PUT" ? Buffer.concat(chunks) : content.subarray(begin);
    response.writeHead(begin > 0 ? 206 : 200, { ETag: '"e"', "content-length": body.length });
    response.end(request.method === "HEAD" ? undefined : body);
  });
});
let proxy: FaultProxy;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await faultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  server.close();
});
beforeEach(() => {
  content = Buffer.alloc(long, "a");
  proxy.clear();
});

const get = (headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${proxy.url}/file`, { headers, ...(signal && { signal }) });
const body = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

/**
 * All that comes over a connection of its own, as text, and how it ended; where text came before, systems differ in
 * whether a reset is told.
 */
function raw(): Promise<{ readonly text: string; readonly end: string }> {
  return new Promise((resolve) => {
    let text = "";
    const { port } = new URL(proxy.url);
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("GET /file HTTP/1.1\r\nHost: x\r\n\r\n"));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => resolve({ text, end: "closed" }));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve({ text, end: error.code ?? "" }));
  });
}
const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

test("what is not planned passes: bodies both ways, ranges, heads and headers", async () => {
  const whole = await get();
  expect(whole.headers.get("etag")).toBe('"e"');
  expect((await body(whole)).equals(content)).toBe(true);
  const rest = await get({ range: "bytes=199990-" });
  expect(rest.status).toBe(206);
  expect((await body(rest)).length).toBe(10);
  const head = await fetch(`${proxy.url}/file`, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String(long));
  const put = await fetch(`${proxy.url}/p?q=1`, { method: "PUT", body: "sent" });
  expect(await put.text()).toBe("sent");
  expect(proxy.requests.at(-1)).toBe("PUT /p?q=1");
});

describe("cuts", () => {
  test.each([
    ["before the answer", cutBeforeAnswer, ""],
    ["in the status line", cutInStatusLine, "HTTP/1.1 20"],
    ["in the headers", cutInHeaders, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETa"],
  ])("%s", async (_, fault, text) => {
    proxy.plan(fault);
    expect(await raw()).toMatchObject({ text });
    expect((await get()).status).toBe(200);
  });

  test("in the body, after so many bytes", async () => {
    proxy.plan(cutInBody(100_000));
    const { text } = await raw();
    expect(text).toContain("content-length: 200000");
    expect(bodyOf(text)).toHaveLength(100_000);
    proxy.plan(cutInBody(100_000));
    await expect(get().then(body)).rejects.toThrow();
  });

  test("before the answer, as a reset", async () => {
    proxy.plan(cutBeforeAnswer);
    expect(await raw()).toEqual({ text: "", end: "ECONNRESET" });
  });

  test("in good order, with less than was announced", async () => {
    proxy.plan(truncated(7));
    const { text, end } = await raw();
    expect(text).toContain("content-length: 200000");
    expect([bodyOf(text), end]).toEqual(["aaaaaaa", "closed"]);
  });
});

test("a body is shortened or corrupted without the protocol showing it", async () => {
  proxy.plan(shortened(7));
  proxy.plan(corrupted(5));
  expect(await get().then(body)).toHaveLength(7);
  const flawed = await get().then(body);
  expect(flawed.length).toBe(long);
  expect(flawed.subarray(4, 7).toString()).toBe("a`a");
});

test("a drip comes bit by bit and whole", async () => {
  content = Buffer.from("0123456789");
  proxy.plan(drip(3, 1));
  const answer = await get();
  const pieces: number[] = [];
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) pieces.push(piece.length);
  expect(pieces.reduce((sum, size) => sum + size, 0)).toBe(10);
  expect(pieces.length).toBeGreaterThan(1);
});

test("an answer comes in the server's place", async () => {
  proxy.plan(answered(429, { "retry-after": "7" }, "slow down"));
  const answer = await get();
  expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([429, "7", "slow down"]);
});

test("the server changes before an answer, and in the middle of one", async () => {
  proxy.plan(
    after(async () => {
      content = Buffer.from("changed");
    }),
  );
  expect((await get().then(body)).toString()).toBe("changed");
  proxy.plan(
    midway(2, async () => {
      content = Buffer.from("again");
    }),
  );
  expect((await get().then(body)).toString()).toBe("changed");
  expect((await get().then(body)).toString()).toBe("again");
});

test("silence lasts until the client leaves", async () => {
  proxy.plan(silence);
  const leave = new AbortController();
  const waiting = get({}, leave.signal);
  const first = await Promise.race([waiting, get().then(() => "another was answered")]);
  expect(first).toBe("another was answered");
  leave.abort();
  await expect(waiting).rejects.toThrow(/abort/);
});

test("a plan holds for so many requests, of those that it is about", async () => {
  proxy.plan(answered(500), { times: 2, only: ({ method }) => method === "GET" });
  proxy.plan(answered(403), { only: ({ path }) => path === "/file" });
  expect((await fetch(`${proxy.url}/x`, { method: "HEAD" })).status).toBe(200);
  expect([(await get()).status, (await get()).status, (await get()).status, (await get()).status]).toEqual([
    500, 500, 403, 200,
  ]);
});

test("down it refuses, and cuts what is under way; up again it is where it was", async () => {
  proxy.plan(silence);
  const waiting = expect(get()).rejects.toThrow();
  await expect.poll(() => proxy.requests.length).toBeGreaterThan(0);
  await get();
  await proxy.goDown();
  await waiting;
  await expect(get()).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  await proxy.comeUp();
  expect((await get()).status).toBe(200);
});
