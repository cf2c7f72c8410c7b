import { setTimeout as delay } from "node:timers/promises";
import { type Clock, systemClock } from "salver";
import { readSightings } from "salver/testing";
import { describe, expect, test } from "vitest";
import { treeOf } from "../../../artifacts/archives/stage.js";
import { artifactServer, etagOf, giveBytes } from "../../../support/artifact-server.js";
import { hastyClock, type SourceAt, sourceAt } from "./stage.js";

const never = new AbortController().signal;
const text = JSON.stringify({ versions: [{ version: 1, url: "a.bin" }] });
const content = "0123456789".repeat(20_000);

async function place(settings = {}) {
  const server = await artifactServer(settings);
  server.files.set("/versions.json", text).set("/a.bin", content);
  return server;
}

async function complaint({ log }: SourceAt): Promise<string> {
  const found = () => log.lines.find(({ level }) => level === "error");
  while (!found()) await delay(1);
  return found()?.message ?? "";
}

/** Time passes as it does, but nobody sleeps long. */
const impatient: Clock = { now: systemClock.now, sleep: (_, signal) => systemClock.sleep(1, signal) };

describe("a server that takes its time", () => {
  const url = "versions.json";

  test("and says nothing at all", async () => {
    await using server = await place();
    server.handler = () => true;
    await using at = await sourceAt({ url: `${server.origin}/${url}`, timeout: "100ms" }, { clock: impatient });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/cannot get .*versions\.json: .*timeout/i);
  });

  test("and stops in the middle", async () => {
    await using server = await place();
    server.handler = (_, response) => {
      response.writeHead(200, { "content-length": 1000 }).write("{");
      return true;
    };
    await using at = await sourceAt({ url: `${server.origin}/${url}`, timeout: "100ms" }, { clock: impatient });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/cannot get .*: nothing came for 0\.1 s/);
  });

  test("and gives a byte now and then: it is left, also in the middle of a file", async () => {
    await using server = await place();
    let drips = 0;
    server.handler = ({ url }, response) => {
      if (url !== "/a.bin") return false;
      drips++;
      response.writeHead(200, { "content-length": 1e6, etag: '"x"' });
      const timer = setInterval(() => response.write("."), 5);
      response.on("close", () => {
        clearInterval(timer);
        drips--;
      });
      return true;
    };
    const written = { url: `${server.origin}/${url}`, timeout: "100ms", minRate: "1MB" };
    await using at = await sourceAt(written, { clock: impatient });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(never)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/only \d+ bytes came/),
    });
    while (drips > 0) await delay(1);
  });

  test("is not blamed for a reader that takes its own", async () => {
    await using server = await place();
    const written = { url: `${server.origin}/${url}`, timeout: "100ms", minRate: "100MB" };
    await using at = await sourceAt(written, { clock: impatient });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ "a.bin": content });
  });
});

test.each([
  [429, "120", 120_000],
  [503, "7", 7_000],
])("%i with Retry-After %s: not asked before", async (status, retryAfter, least) => {
  await using server = await place();
  const sleeps: number[] = [];
  const hasty = hastyClock();
  const clock: Clock = {
    now: hasty.now,
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return hasty.sleep(ms, signal);
    },
  };
  server.handler = (_, response) => response.writeHead(status, { "retry-after": retryAfter }).end() !== undefined;
  await using at = await sourceAt({ url: `${server.origin}/versions.json`, poll: "1s" }, { clock });
  await using sightings = readSightings(at.source);
  await complaint(at);
  while (sleeps.length === 0) await delay(1);
  expect(sleeps[0]).toBeGreaterThanOrEqual(least);
  server.handler = undefined;
  await sightings.until(1n);
});

test("what went wrong is said with the status, and what a server says with it is not read", async () => {
  await using server = await place();
  server.handler = (_, response) => {
    response.writeHead(500);
    const timer = setInterval(() => response.write("<html>".repeat(1000)), 1);
    response.on("close", () => clearInterval(timer));
    return true;
  };
  await using at = await sourceAt({ url: `${server.origin}/versions.json?token=secret` });
  await using _ = readSightings(at.source);
  expect(await complaint(at)).toMatch(/versions\.json\?…: the server has trouble \(status 500\)/);
  expect(JSON.stringify(at.log.lines)).not.toMatch(/secret/);
});

describe("a file whose connection breaks", () => {
  /** Breaks the first answer for the file at its middle; `then` answers the next ones. */
  async function broken(
    then: Parameters<typeof giveBytes> extends [unknown, ...infer R] ? (...args: R) => void : never,
    settings = {},
  ) {
    const server = await place(settings);
    let times = 0;
    server.handler = (request, response) => {
      if (request.url !== "/a.bin" || request.method === "HEAD") return false;
      if (times++ === 0) {
        response.writeHead(200, { "content-length": content.length, etag: etagOf(content) });
        // Later than the client reads it: what it has not read is lost with the connection.
        response.write(content.slice(0, 100_000), () => setTimeout(() => response.destroy(), 300));
      } else then(request, response);
      return true;
    };
    return server;
  }
  const ranges = (asked: Awaited<ReturnType<typeof place>>["asked"]) =>
    asked.filter(({ path, method }) => path === "/a.bin" && method === "GET").map(({ headers }) => headers.range);

  test("goes on where it broke, by range", async () => {
    await using server = await broken((...on) => giveBytes(content, ...on));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ "a.bin": content });
    expect(ranges(server.asked)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test("of an index goes on only if it is the same still", async () => {
    await using server = await broken((...on) => giveBytes(content, ...on));
    server.files.delete("/versions.json");
    server.files.delete("/a.bin");
    server.files.set("/1/a.bin", content);
    const answer = server.handler;
    server.handler = (request, response) => {
      if (request.url === "/1/a.bin" && request.method === "GET") request.url = "/a.bin";
      return answer?.(request, response) ?? false;
    };
    await using at = await sourceAt({ url: `${server.origin}/` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ "a.bin": content });
    const resumed = server.asked.find(({ headers }) => headers.range);
    expect(resumed?.headers["if-range"]).toBe(etagOf(content));
  });

  test("by a server without ranges comes whole again", async () => {
    await using server = await broken((_, response) => response.writeHead(200, { etag: etagOf(content) }).end(content));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ "a.bin": content });
  });

  test.each([
    ["another part", { "content-range": `bytes 190000-199999/${content.length}` }],
    ["a part that it does not name", {}],
  ])("by a server that gives %s is not put together", async (_, headers) => {
    await using server = await broken((_, response) =>
      response.writeHead(206, { etag: etagOf(content), ...headers }).end(content.slice(190_000)),
    );
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(never)).rejects.toMatchObject({ message: expect.stringMatching(/not the part/) });
  });
});
