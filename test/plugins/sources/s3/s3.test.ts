import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactCache, RemoteFile } from "salver";
import { checkFactory, readSightings } from "salver/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import plugin from "../../../../plugins/sources/s3/index.js";
import { options } from "../../../../plugins/sources/s3/options.js";
import { s3Source } from "../../../../plugins/sources/s3/s3.js";
import { after, answered, cutInBody, pass } from "../../../support/fault-proxy/index.js";
import { hostWith, plainCache } from "../../../support/plain-cache.js";
import { errorBody, startServer, type TestServer } from "./server.js";
import { isGet, isList, openS3Stage, type S3Stage } from "./stage.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const { signal } = new AbortController();
const files = { "model.bin": "weights" };
const getsOf = ({ proxy }: S3Stage) =>
  proxy.requests.filter((each) => each.startsWith("GET") && !each.includes("list-type"));
/** Lists of the objects of version 1. */
const listsOfOne = ({ proxy }: S3Stage) => proxy.requests.filter((each) => each.includes("prefix=ctr%2F1%2F")).length;
const messages = ({ log }: S3Stage, level: string) =>
  log.lines.filter((line) => line.level === level).map((line) => line.message);

async function looks(stage: S3Stage, count: number) {
  const goal = (stage.looks?.() ?? 0) + count;
  await expect.poll(() => stage.looks?.(), { interval: 1, timeout: 10_000 }).toBeGreaterThanOrEqual(goal);
}

test("the factory is complete, and its options fit together", async () => {
  for (const factory of plugin.factories) await checkFactory(factory);
  const problems = (written: object) =>
    options.safeParse({ bucket: "b", ...written }).error?.issues.map((each) => each.path);
  expect(problems({})).toBeUndefined();
  expect(problems({ marker: "a", manifest: "versions.json" })).toEqual([["marker"]]);
  expect(problems({ signature: { keys: ["k"] } })).toEqual([["signature"]]);
  expect(problems({ bucket: "b/c" })).toEqual([["bucket"]]);
  expect(problems({ marker: "../x" })).toEqual([["marker"]]);
  expect(problems({ endpoint: "ftp://x" })).toEqual([["endpoint"]]);
});

test("a key that is no file name: the version is seen, refused by name, and nothing of it is fetched", async () => {
  await using stage = await openS3Stage(server);
  await using sightings = readSightings(stage.source);
  await stage.bucket.put("ctr/3/model.bin", "fine");
  await stage.bucket.put("ctr/3/../evil", "bad");
  const [artifact] = await sightings.until(3n);
  await expect(artifact?.open(signal)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(
      /^version 3 at s3:\/\/models-\d+\/ctr\/3\/ is refused: the key "\.\.\/evil" in it leads out/,
    ),
  });
  expect(getsOf(stage)).toEqual([]);
  expect(await readdir(join(stage.folder, "versions")).catch(() => [])).toEqual([]);
});

test("keys with any characters come through: a NUL is found, a plus and a space are what they are", async () => {
  await using stage = await openS3Stage(server, { settle: 1 });
  const list = (more: string) => `<ListBucketResult><EncodingType>url</EncodingType>${more}</ListBucketResult>`;
  const object = (key: string) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>e</ETag></Contents>`;
  const versions = list("<CommonPrefixes><Prefix>ctr/1/</Prefix></CommonPrefixes>");
  stage.proxy.plan(answered(200, {}, versions), { only: isList });
  stage.proxy.plan(answered(200, {}, list(object("ctr/1/a%00b"))), { only: isList });
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  await expect(artifact?.open(signal)).rejects.toThrow(/NUL/);

  await stage.bucket.put("ctr/2/a+b c%20d/é", "odd");
  const two = (await sightings.until(2n))[0];
  expect(await readFile(join((await two?.open(signal)) ?? "", "a+b c%20d/é"), "utf8")).toBe("odd");
});

test("a page to log in, in the place of a listing, ends no version", async () => {
  await using stage = await openS3Stage(server);
  await using sightings = readSightings(stage.source);
  await stage.publish(1n, files);
  await sightings.until(1n);
  const known = sightings.seen.length;
  const page = answered(200, { "content-type": "text/html" }, "<html>Login please");
  stage.proxy.plan(page, { times: Number.POSITIVE_INFINITY, only: isList });
  await looks(stage, 4);
  expect(sightings.seen).toHaveLength(known);
  expect(messages(stage, "error")).toEqual([
    expect.stringMatching(/what is offered stays.*no listing of S3's: "<html>Login please", of the type text\/html/),
  ]);
});

test("folders that consoles make, and an empty file", async () => {
  await using stage = await openS3Stage(server);
  for (const key of ["ctr/", "ctr/1/", "ctr/1/variables/", "ctr/1/empty"]) await stage.bucket.put(key, "");
  await stage.bucket.put("ctr/1/variables/index", "i");
  await using sightings = readSightings(stage.source);
  const path = await (await sightings.until(1n))[0]?.open(signal);
  expect((await readdir(path ?? "", { recursive: true })).sort()).toEqual(["empty", "variables", "variables/index"]);
});

test("a version that is settled is not listed at each look; a change in place is found all the same", async () => {
  await using stage = await openS3Stage(server, { recheck: "20m" });
  await stage.publish(1n, files);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  expect(listsOfOne(stage)).toBe(2);
  await looks(stage, 10);
  expect(listsOfOne(stage)).toBe(2);
  await stage.publish(1n, { "model.bin": "other" });
  await expect
    .poll(() => messages(stage, "warn"), { timeout: 10_000 })
    .toEqual([expect.stringMatching(/version 1 at .* has other files than before/)]);
  await looks(stage, 3);
  expect(await readFile(join((await artifact?.open(signal)) ?? "", "model.bin"), "utf8")).toBe("other");
  // Told again, for who could not load what was there before.
  expect(sightings.seen.map((each) => each.versions.map(({ version }) => version))).toEqual([[1n], [1n]]);
});

test("a download that finds another object says so, and the next look lists it", async () => {
  await using stage = await openS3Stage(server, { recheck: "10000h" });
  await stage.publish(1n, files);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  await stage.publish(1n, { "model.bin": "changed" });
  await expect(artifact?.open(signal)).rejects.toMatchObject({ code: "ABORTED" });
  await expect
    .poll(async () =>
      readFile(join((await artifact?.open(signal).catch(() => "")) ?? "", "model.bin"), "utf8").catch(() => ""),
    )
    .toBe("changed");
});

test("a version with a marker that is taken away and replaced is not loaded half", async () => {
  await using stage = await openS3Stage(server, { marker: "_SUCCESS", recheck: "0s" });
  await stage.publish(1n, files);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  const path = await artifact?.open(signal);
  expect(await readdir(path ?? "")).toEqual(["model.bin"]);
  await stage.bucket.remove("ctr/1/_SUCCESS");
  await stage.bucket.put("ctr/1/model.bin", "half");
  await looks(stage, 5);
  expect(await artifact?.open(signal)).toBe(path);
  expect(messages(stage, "warn")).toEqual([expect.stringMatching(/other files than before.*once there is _SUCCESS/)]);
});

test("what it takes is told once, when it is known", async () => {
  await using stage = await openS3Stage(server);
  await stage.publish(1n, files);
  await stage.publish(2n, files);
  await using sightings = readSightings(stage.source);
  await sightings.until(1n, 2n);
  await looks(stage, 3);
  expect(messages(stage, "info").filter((each) => each.includes("requests"))).toEqual([
    expect.stringMatching(/^watching s3:\/\/models-\d+\/ctr\/ takes about 52000 LIST requests a month; a longer/),
  ]);
});

test("a download that breaks off goes on where it broke", async () => {
  const large = "0123456789".repeat(100_000);
  await using stage = await openS3Stage(server);
  await stage.publish(1n, { "model.bin": large });
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  const ranges: (string | undefined)[] = [];
  stage.proxy.plan(cutInBody(600_000), { only: isGet });
  stage.proxy.plan(
    async (exchange) => {
      ranges.push(exchange.response.req.headers.range);
      await pass(exchange);
    },
    { only: isGet },
  );
  expect(await readFile(join((await artifact?.open(signal)) ?? "", "model.bin"), "utf8")).toBe(large);
  expect(ranges).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
});

test("a bucket that is gone takes nothing away, and is asked for by name", async () => {
  await using stage = await openS3Stage(server);
  await stage.publish(1n, files);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(1n);
  await artifact?.open(signal);
  stage.proxy.plan(answered(404, {}, errorBody("NoSuchBucket")), { only: isList, times: Number.POSITIVE_INFINITY });
  await looks(stage, 4);
  expect(sightings.seen).toHaveLength(1);
  expect(messages(stage, "error")).toEqual([
    expect.stringMatching(
      /^cannot look at s3:.*, what is offered stays; next look in .*: there is no bucket models-\d+ at /s,
    ),
  ]);
});

test("a start without the server serves from the cache, and says so", async () => {
  await using stage = await openS3Stage(server);
  await stage.publish(1n, files);
  await stage.publish(2n, files);
  {
    await using sightings = readSightings(stage.source);
    const artifacts = await sightings.until(1n, 2n);
    const path = await artifacts.find((each) => each.version === 2n)?.open(signal);
    expect(path).toBeTruthy();
  }
  await stage.proxy.goDown();
  await using source = s3Source(stage.host, options.parse(stage.options));
  await using sightings = readSightings(source);
  const [artifact] = await sightings.until(2n);
  expect(await readFile(join((await artifact?.open(signal)) ?? "", "model.bin"), "utf8")).toBe("weights");
  expect(messages(stage, "warn")).toEqual([
    expect.stringMatching(
      /cannot be looked at: staged starts from this machine's cache with version 2, what was there at 20/,
    ),
  ]);
  await stage.proxy.comeUp();
  await sightings.until(1n, 2n);
});

test("a version that is deleted between its being seen and its being listed is none", async () => {
  await using stage = await openS3Stage(server, { settle: 1 });
  await stage.publish(1n, files);
  stage.proxy.plan(
    after(() => stage.bucket.remove("ctr/1/")),
    { only: ({ path }) => path.includes("prefix=ctr%2F1%2F") },
  );
  await using sightings = readSightings(stage.source);
  expect((await sightings.next())?.versions).toEqual([]);
});

test("10,000 objects are listed in pages of 1000, offered, and had one by one", { timeout: 120_000 }, async () => {
  await using stage = await openS3Stage(server);
  const names = Array.from({ length: 10_000 }, (_, i) => `part-${String(i).padStart(5, "0")}`);
  const url = `${server.url}/${stage.bucket.name}/ctr/1`;
  for (let i = 0; i < names.length; i += 50) {
    const some = names.slice(i, i + 50);
    // By plain requests, which the server takes too, and which take a tenth of the time.
    await Promise.all(some.map(async (name) => (await fetch(`${url}/${name}`, { method: "PUT", body: name })).text()));
  }
  await using cache = await plainCache();
  let files: readonly RemoteFile[] = [];
  const bring: ArtifactCache["bring"] = (version, signal) => {
    files = version.files;
    return cache.bring({ ...version, files: files.filter((_, i) => i % 500 === 0) }, signal);
  };
  const { clock, log } = stage.host;
  const host = hostWith({ ...cache, bring }, { id: "staged", clock, log });
  await using source = s3Source(host, options.parse(stage.options));
  await using sightings = readSightings(source);
  const [artifact] = await sightings.until(1n);
  expect(listsOfOne(stage)).toBe(20);
  const path = (await artifact?.open(signal)) ?? "";
  expect(files.map((file) => file.path)).toEqual(names);
  expect(await readFile(join(path, "part-09500"), "utf8")).toBe("part-09500");
  expect(await readdir(path)).toHaveLength(20);
});
