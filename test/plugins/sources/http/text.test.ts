import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createTexts } from "salver";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import plugin from "../../../../plugins/sources/http/index.js";
import {
  answered,
  cutBeforeAnswer,
  cutInBody,
  type FaultProxy,
  faultProxy,
  silence,
  truncated,
} from "../../../support/fault-proxy/index.js";

let content: string | Uint8Array = "";
let asked: IncomingHttpHeaders[] = [];
const etagOf = (bytes: string | Uint8Array) => `"${createHash("sha256").update(bytes).digest("hex")}"`;
const server = createServer(({ headers }, response) => {
  asked.push(headers);
  const etag = etagOf(content);
  if (headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(200, { etag }).end(content);
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
  content = "models: { ü: {} }";
  asked = [];
  proxy.clear();
});

const read = (path = "/salver.yaml", signal?: AbortSignal) => createTexts([plugin]).read(`${proxy.url}${path}`, signal);

test("reads a text, and what has not changed does not come again", async () => {
  const texts = createTexts([plugin]);
  const url = `${proxy.url}/salver.yaml`;
  expect(await texts.read(url)).toBe(content);
  expect(await texts.read(url)).toBe(content);
  content = "models: {}";
  expect(await texts.read(url)).toBe("models: {}");
  const first = etagOf("models: { ü: {} }");
  expect(asked.map((headers) => headers["if-none-match"])).toEqual([undefined, first, first]);
});

test("a user and a password of the URL are sent, and never shown", async () => {
  const url = `${proxy.url.replace("//", "//hilda:w%40rd@")}/x.yaml`;
  await createTexts([plugin]).read(url);
  expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("hilda:w@rd").toString("base64")}`);
  proxy.plan(answered(401));
  const refused = await createTexts([plugin])
    .read(url)
    .catch((error: Error) => error);
  expect(refused).toMatchObject({ code: "UNAUTHENTICATED", message: expect.not.stringMatching(/hilda|w@rd|w%40rd/) });
});

describe("says what is wrong and where", () => {
  test.each([
    ["not there", answered(404), "NOT_FOUND"],
    ["not allowed", answered(403), "PERMISSION_DENIED"],
    ["a server in trouble", answered(500), "UNAVAILABLE"],
    ["cut before the answer", cutBeforeAnswer, "UNAVAILABLE"],
    ["cut in the body", cutInBody(3), "UNAVAILABLE"],
    ["truncated", truncated(3), "UNAVAILABLE"],
  ])("%s", async (_, fault, code) => {
    proxy.plan(fault);
    await expect(read()).rejects.toMatchObject({ code, message: expect.stringContaining("/salver.yaml") });
    expect(await read()).toBe(content);
  });

  test("sent to another host", async () => {
    proxy.plan(answered(302, { location: "http://example.invalid/x" }));
    await expect(read()).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining("example.invalid"),
    });
  });

  test("no text", async () => {
    content = Uint8Array.of(0xff, 0xfe);
    await expect(read()).rejects.toThrow(/salver.yaml is not UTF-8/);
  });

  test("far too long", async () => {
    content = "#".repeat(9 * 2 ** 20);
    await expect(read()).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });
});

test("ends when it is to end", async () => {
  const end = new AbortController();
  proxy.plan(silence);
  const before = proxy.requests.length;
  const reading = read("/x.yaml", end.signal);
  await expect.poll(() => proxy.requests.length).toBeGreaterThan(before);
  end.abort();
  await expect(reading).rejects.toThrow(/abort/i);
});
