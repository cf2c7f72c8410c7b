import { generateKeyPairSync, sign } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readSightings } from "salver/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { answered } from "../../../support/fault-proxy/index.js";
import { tarOf } from "../../../support/tar-writer.js";
import { startServer, type TestServer } from "./server.js";
import { isManifest, openS3Stage, type S3Stage, sha256, signature, signed } from "./stage.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const { signal } = new AbortController();
const manifest = "versions.json";
const manifestOf = (...versions: object[]) => JSON.stringify({ versions });
const three = { version: "3", files: [{ path: "model.bin", url: "3/model.bin", size: 7, sha256: sha256("weights") }] };
const errors = ({ log }: S3Stage) => log.lines.filter((line) => line.level === "error").map((line) => line.message);

async function looks(stage: S3Stage, count: number) {
  const goal = (stage.looks?.() ?? 0) + count;
  await expect.poll(() => stage.looks?.(), { interval: 1, timeout: 10_000 }).toBeGreaterThanOrEqual(goal);
}

test("nothing is listed, and a manifest that has not changed is not sent again", async () => {
  await using stage = await openS3Stage(server, { manifest });
  await stage.publish(3n, { "model.bin": "weights" });
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(3n);
  expect(await readFile(join((await artifact?.open(signal)) ?? "", "model.bin"), "utf8")).toBe("weights");
  await looks(stage, 2);
  const before: (string | undefined)[] = [];
  const watch = async (exchange: Parameters<ReturnType<typeof answered>>[0]) => {
    before.push(exchange.response.req.headers["if-none-match"]);
    const answer = await exchange.forward();
    exchange.response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
    before.push(String(answer.statusCode));
    answer.pipe(exchange.response);
  };
  stage.proxy.plan(watch, { only: isManifest });
  await looks(stage, 2);
  expect(before).toEqual([expect.stringMatching(/^"[0-9a-f]+"$/), "304"]);
  expect(stage.proxy.requests.filter((each) => each.includes("list-type"))).toEqual([]);
  expect(stage.log.lines.map((line) => line.message)).toContainEqual(
    expect.stringMatching(/versions.json takes about 43000 GET requests a month/),
  );
});

test.each(["<html>Login please", "{}", "[]", "", '{"versions":[{"version":"3","files":[{"path":"model.b'])(
  "%j in the place of the manifest ends no version",
  async (text) => {
    await using stage = await openS3Stage(server, { manifest });
    await stage.publish(3n, { "model.bin": "weights" });
    await using sightings = readSightings(stage.source);
    await sightings.until(3n);
    const known = sightings.seen.length;
    await stage.bucket.put(`ctr/${manifest}`, text);
    await expect.poll(() => errors(stage), { interval: 1 }).toHaveLength(1);
    await looks(stage, 2);
    expect(sightings.seen).toHaveLength(known);
    expect(errors(stage)).toEqual([expect.stringMatching(/what is offered stays.* is no (JSON|list of versions)/)]);
  },
);

test("an archive is unpacked, without the single folder at its top", async () => {
  await using stage = await openS3Stage(server, { manifest, signature });
  const packed = gzipSync(
    tarOf([
      { name: "ctr/model.bin", bytes: "weights" },
      { name: "ctr/assets/words", bytes: "a" },
    ]),
  );
  await stage.bucket.put("ctr/ctr-3.tar.gz", packed);
  const text = manifestOf({ version: "3", url: "ctr-3.tar.gz", size: packed.length, sha256: sha256(packed) });
  await stage.bucket.put(`ctr/${manifest}.sig`, signed(text));
  await stage.bucket.put(`ctr/${manifest}`, text);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(3n);
  const path = (await artifact?.open(signal)) ?? "";
  expect((await readdir(path, { recursive: true })).sort()).toEqual(["assets", "assets/words", "model.bin"]);
  expect(await readFile(join(path, "model.bin"), "utf8")).toBe("weights");
});

test("other bytes than the sum says are refused", async () => {
  await using stage = await openS3Stage(server, { manifest });
  await stage.bucket.put("ctr/3/model.bin", "WEIGHTS");
  await stage.bucket.put(`ctr/${manifest}`, manifestOf(three));
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(3n);
  await expect(artifact?.open(signal)).rejects.toMatchObject({ code: "DATA_LOSS" });
});

test("a version with an URL out of the bucket is seen and refused; others are had", async () => {
  await using stage = await openS3Stage(server, { manifest });
  await stage.bucket.put("ctr/3/model.bin", "weights");
  const out = { version: 4, url: "https://example.com/4.zip" };
  await stage.bucket.put(`ctr/${manifest}`, manifestOf(three, out));
  await using sightings = readSightings(stage.source);
  const [first, second] = await sightings.until(3n, 4n);
  await expect(second?.open(signal)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(
      /version 4 of .* refused: "https:\/\/example.com\/4.zip" is not in the bucket models-\d+/,
    ),
  });
  await first?.open(signal);
});

test.each([
  ["is no JSON", "{", /is no JSON/],
  ["names a version twice", manifestOf(three, three), /version 3 comes twice/],
  ["names a file that is none", manifestOf({ version: 1, files: [{ path: "../x", url: "x" }] }), /leads out/],
])("a manifest that %s takes nothing away", async (_, text, message) => {
  await using stage = await openS3Stage(server, { manifest });
  await stage.publish(3n, { "model.bin": "weights" });
  await using sightings = readSightings(stage.source);
  await sightings.until(3n);
  await stage.bucket.put(`ctr/${manifest}`, text);
  await looks(stage, 3);
  expect(sightings.seen).toHaveLength(1);
  expect(errors(stage)).toEqual([expect.stringMatching(message)]);
});

test("a manifest that is not there is waited for, and asked for by name", async () => {
  await using stage = await openS3Stage(server, { manifest });
  await stage.bucket.remove(`ctr/${manifest}`);
  await using sightings = readSightings(stage.source);
  await looks(stage, 3);
  expect(sightings.seen).toEqual([]);
  expect(errors(stage)).toEqual([
    expect.stringMatching(/cannot read s3:\/\/models-\d+\/ctr\/versions.json: it is not there/),
  ]);
  await stage.publish(3n, { "model.bin": "weights" });
  await sightings.until(3n);
});

test("what is not signed, or by another, or changed since, is refused; what serves goes on", async () => {
  await using stage = await openS3Stage(server, { manifest, signature });
  await stage.publish(3n, { "model.bin": "weights" });
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(3n);
  const path = await artifact?.open(signal);
  const evil = manifestOf(three, { version: 4, url: "4.zip" });
  const refused = async (proof: string | undefined) => {
    if (proof === undefined) await stage.bucket.remove(`ctr/${manifest}.sig`);
    else await stage.bucket.put(`ctr/${manifest}.sig`, proof);
    await stage.bucket.put(`ctr/${manifest}`, evil);
    await looks(stage, 4);
  };
  await refused(undefined);
  expect(errors(stage)).toEqual([expect.stringMatching(/versions.json is refused: it is not signed: there is no /)]);
  await refused(signed(manifestOf(three)));
  await refused(sign(undefined, Buffer.from(evil), generateKeyPairSync("ed25519").privateKey).toString("base64"));
  await refused("short");
  expect(sightings.seen).toHaveLength(1);
  expect(await artifact?.open(signal)).toBe(path);
  await refused(signed(evil));
  await sightings.until(3n, 4n);
});

test("a file without a sum is not what was signed", async () => {
  await using stage = await openS3Stage(server, { manifest, signature });
  await stage.bucket.put("ctr/3/model.bin", "weights");
  const text = manifestOf({ version: 3, files: [{ path: "model.bin", url: "3/model.bin", size: 7 }] });
  await stage.bucket.put(`ctr/${manifest}.sig`, signed(text));
  await stage.bucket.put(`ctr/${manifest}`, text);
  await using sightings = readSightings(stage.source);
  const [artifact] = await sightings.until(3n);
  await expect(artifact?.open(signal)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/"3\/model.bin" has no sha256, so the manifest's signature is not about it/),
  });
});

test("a key that is none is named by its option", async () => {
  await using stage = await openS3Stage(server, { manifest, signature: { keys: ["nonsense"] } });
  await using sightings = readSightings(stage.source);
  await looks(stage, 3);
  expect(errors(stage)).toEqual([expect.stringMatching(/signature.keys.0: expected an Ed25519 public key/)]);
  expect(sightings.seen).toEqual([]);
});
