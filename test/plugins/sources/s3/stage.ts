import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, type Host, silentTelemetry } from "salver";
import { type RecordingLogger, recordingLogger, type SourceStage, type VersionFiles } from "salver/testing";
import { createDiskCache } from "../../../../plugins/caches/disk/disk-cache.js";
import { options } from "../../../../plugins/sources/s3/options.js";
import { s3Source } from "../../../../plugins/sources/s3/s3.js";
import { answered, type FaultProxy, faultProxy, type Matching, wired } from "../../../support/fault-proxy/index.js";
import { hostWith } from "../../../support/plain-cache.js";
import { errorBody, keys, type TestBucket, type TestServer } from "./server.js";

export interface S3Stage extends SourceStage {
  readonly bucket: TestBucket;
  readonly proxy: FaultProxy;
  readonly log: RecordingLogger;
  readonly host: Host;
  /** As its config would write them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly folder: string;
  /** Happens before each time the source, or its cache, waits. */
  onSleep: () => Promise<void>;
}

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
/** What a source needs to trust `signed` manifests. */
export const signature = { keys: [publicKey.export({ type: "spki", format: "pem" }).toString()] };
export const signed = (text: string) => sign(undefined, Buffer.from(text), privateKey).toString("base64");
export const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

export const isList = ({ path }: { readonly path: string }) => path.includes("list-type=2");
export const isManifest = ({ path }: { readonly path: string }) => path.includes("/versions.json");
const startsLook = (path: string) => path.includes("delimiter=") || path.includes("/versions.json?");
export const isGet = (request: { readonly method: string; readonly path: string }) =>
  request.method === "GET" && !isList(request) && !isManifest(request);

/**
 * A bucket, a source over it and a cache on disk, with a proxy between that sees all requests. The source's clock runs
 * through its sleeps at once.
 */
export async function openS3Stage(server: TestServer, written: Record<string, unknown> = {}): Promise<S3Stage> {
  const bucket = server.bucket();
  const proxy = await faultProxy(server.url);
  const folder = await mkdtemp(join(tmpdir(), "salver-"));
  const log = recordingLogger();
  const growing = new Set<string>();
  let now = 0;
  let down = false;
  let refused = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms, signal) => {
      if (down) refused++;
      await stage.onSleep();
      for (const key of growing) await bucket.put(key, `${now}`);
      await delay(1, undefined, signal ? { signal } : undefined);
      now += ms;
    },
  };
  const cache = createDiskCache({ path: folder, quota: undefined, clock, log, telemetry: silentTelemetry });
  const host = hostWith(cache, { id: "staged", clock, log });
  const own = {
    bucket: bucket.name,
    prefix: "ctr/",
    endpoint: proxy.url,
    forcePathStyle: true,
    credentials: { ...keys },
    ...written,
  };
  const parsed = options.parse(own);
  const source = s3Source(host, parsed);
  const { marker, manifest } = parsed;
  const named = new Map<bigint, VersionFiles>();

  async function putManifest() {
    const versions = [...named].map(([version, files]) => ({
      version: `${version}`,
      files: Object.entries(files).map(([path, text]) => ({
        path,
        url: `${version}/${path}`,
        size: text.length,
        sha256: sha256(text),
      })),
    }));
    const text = JSON.stringify({ versions });
    // In this order a look in between finds a signature that is not this text's, and comes again.
    await bucket.put(`ctr/${manifest}.sig`, signed(text));
    await bucket.put(`ctr/${manifest}`, text);
  }
  if (manifest) await putManifest();

  const looking: Matching = (request) => isList(request) || isManifest(request);
  const faults = wired(proxy, {
    looking,
    opening: isGet,
    throttled: answered(503, { "retry-after": "1" }, errorBody("SlowDown")),
    refused: answered(403, {}, errorBody("ExpiredToken")),
  });

  const stage: S3Stage = {
    ...faults,
    source,
    bucket,
    proxy,
    log,
    host,
    options: own,
    folder,
    model: "staged",
    onSleep: async () => {},
    // Of what is refused nobody can tell but by the wait that follows.
    looks: () => proxy.requests.filter(startsLook).length + refused,
    async publish(version, files: VersionFiles) {
      for (const [name, content] of Object.entries(files)) await bucket.put(`ctr/${version}/${name}`, content);
      named.set(version, files);
      if (manifest !== undefined) await putManifest();
      if (marker !== undefined) await bucket.put(`ctr/${version}/${marker}`, "");
    },
    async remove(version) {
      named.delete(version);
      if (manifest !== undefined) await putManifest();
      await bucket.remove(`ctr/${version}/`);
    },
    litter: (name) => bucket.put(`ctr/${name}/model.bin`, "x"),
    async publishSlowly(version, files) {
      const key = `ctr/${version}/${Object.keys(files)[0]}`;
      await bucket.put(key, "");
      growing.add(key);
      return {
        async finish() {
          growing.delete(key);
          await stage.publish(version, files);
        },
      };
    },
    async breakDown() {
      proxy.plan(answered(500, {}, errorBody("InternalError")), { times: Number.POSITIVE_INFINITY, only: looking });
      return { repair: async () => proxy.clear() };
    },
    async disturb(fault, at) {
      const { repair } = await faults.disturb(fault, at);
      down = fault === "connections refused";
      return {
        async repair() {
          down = false;
          await repair();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await cache.idle();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
