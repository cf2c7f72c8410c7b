import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, type Host, type Source, silentTelemetry } from "salver";
import { type RecordingLogger, recordingLogger, type SourceStage, type VersionFiles } from "salver/testing";
import { createDiskCache } from "../../../../plugins/caches/disk/disk-cache.js";
import type { Lookup } from "../../../../plugins/sources/http/agents.js";
import { httpSource } from "../../../../plugins/sources/http/http.js";
import { options } from "../../../../plugins/sources/http/options.js";
import { type ArtifactServer, artifactServer, type ServerSettings } from "../../../support/artifact-server.js";
import { answered, type FaultProxy, faultProxy, wired } from "../../../support/fault-proxy/index.js";
import { hostWith } from "../../../support/plain-cache.js";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
export const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();
export const signed = (text: string) => sign(undefined, Buffer.from(text), privateKey).toString("base64");
export const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A clock that runs through its sleeps at once. */
export function hastyClock(onSleep: () => void = () => {}): Clock {
  let now = 0;
  return {
    now: () => now,
    async sleep(ms, signal) {
      onSleep();
      await delay(1, undefined, signal ? { signal } : undefined);
      now += ms;
    },
  };
}

export interface SourceAt extends AsyncDisposable {
  readonly source: Source;
  readonly host: Host;
  readonly log: RecordingLogger;
  readonly folder: string;
}

/** A source and a cache on disk of its own. */
export async function sourceAt(
  written: Record<string, unknown>,
  { clock = hastyClock(), lookup }: { readonly clock?: Clock; readonly lookup?: Lookup } = {},
): Promise<SourceAt> {
  const folder = await mkdtemp(join(tmpdir(), "salver-"));
  const log = recordingLogger();
  const cache = createDiskCache({ path: folder, quota: undefined, clock, log, telemetry: silentTelemetry });
  const host = hostWith(cache, { id: "staged", clock, log, baseDir: folder });
  const source = await httpSource(host, options.parse({ minRate: "0B", ...written }), lookup);
  return {
    source,
    host,
    log,
    folder,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await cache.idle();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface HttpStage extends SourceStage {
  readonly server: ArtifactServer;
  readonly proxy: FaultProxy;
  readonly log: RecordingLogger;
  readonly folder: string;
}

export type StageKind = "index" | "manifest" | "signed";

/** A source over a web server, with a proxy between that sees all requests. */
export async function openHttpStage(
  kind: StageKind,
  written: Record<string, unknown> = {},
  settings: ServerSettings = {},
): Promise<HttpStage> {
  const server = await artifactServer(settings);
  const proxy = await faultProxy(server.origin);
  const growing = new Set<string>();
  let refused = 0;
  let down = false;
  const clock = hastyClock(() => {
    if (down) refused++;
    for (const path of growing) server.files.set(path, `${server.files.get(path)}.`);
  });
  const top = kind === "index" ? "/ctr/" : "/ctr/versions.json";
  const signature = kind === "signed" ? { signature: { keys: [publicPem] } } : {};
  const at = await sourceAt({ url: `${proxy.url}${top}`, ...signature, ...written }, { clock });
  const { marker } = written as { readonly marker?: string };
  const named = new Map<bigint, VersionFiles>();

  // An empty folder has an index too.
  server.files.set("/ctr/README", "versions of ctr");
  const putManifest = () => {
    if (kind === "index") return;
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
    server.files.set("/ctr/versions.json", text);
    server.files.set("/ctr/versions.json.sig", signed(text));
  };
  putManifest();

  const isTop = ({ path }: { readonly path: string }) => path === top;
  const isPage = ({ path }: { readonly path: string }) => path.endsWith("/") || path.startsWith("/ctr/versions.json");
  const isBytes = (request: { readonly method: string; readonly path: string }) =>
    request.method === "GET" && !isPage(request);
  const faults = wired(proxy, { looking: isPage, opening: isBytes });

  const stage: HttpStage = {
    ...faults,
    source: at.source,
    log: at.log,
    folder: at.folder,
    server,
    proxy,
    model: "staged",
    looks: () => proxy.requests.filter((each) => isTop({ path: each.slice(4) })).length + refused,
    async publish(version, files) {
      for (const [name, content] of Object.entries(files)) server.files.set(`/ctr/${version}/${name}`, content);
      if (marker !== undefined) server.files.set(`/ctr/${version}/${marker}`, "");
      named.set(version, files);
      putManifest();
    },
    async remove(version) {
      named.delete(version);
      putManifest();
      for (const path of server.files.keys()) if (path.startsWith(`/ctr/${version}/`)) server.files.delete(path);
    },
    litter: async (name) => void server.files.set(`/ctr/${name}/model.bin`, "x"),
    async publishSlowly(version, files) {
      const path = `/ctr/${version}/${Object.keys(files)[0]}`;
      server.files.set(path, "");
      growing.add(path);
      return {
        async finish() {
          growing.delete(path);
          await stage.publish(version, files);
        },
      };
    },
    async breakDown() {
      proxy.plan(answered(500), { times: Number.POSITIVE_INFINITY, only: isPage });
      return { repair: async () => proxy.clear() };
    },
    async disturb(fault, when) {
      const { repair } = await faults.disturb(fault, when);
      down = fault === "connections refused";
      return {
        async repair() {
          down = false;
          await repair();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  return stage;
}
