import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { create } from "tar";
import { keys, startServer } from "../../plugins/sources/s3/server.js";
import { type FaultProxy, faultProxy } from "../../support/fault-proxy/index.js";

/** Somewhere that versions of one model are published at, seen through a proxy. */
export interface RemotePlace extends AsyncDisposable {
  /** The model's `source`, as a config has it. */
  readonly source: string;
  readonly proxy: FaultProxy;
  /** Whether a request is for the bytes of this version. */
  asksFor(version: number, path: string): boolean;
  publish(version: number, folder: string): Promise<void>;
  remove(version: number): Promise<void>;
}

export async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(names.map(async (name) => ((await stat(join(folder, name))).isFile() ? [name] : [])));
  return files.flat().map((name) => name.replaceAll("\\", "/"));
}

export async function s3Place(): Promise<RemotePlace> {
  const server = await startServer();
  const proxy = await faultProxy(server.url);
  const bucket = server.bucket();
  const credentials = `{ accessKeyId: ${keys.accessKeyId}, secretAccessKey: ${keys.secretAccessKey} }`;
  return {
    source: `{ type: s3, bucket: ${bucket.name}, prefix: m/, endpoint: "${proxy.url}", forcePathStyle: true, poll: 50ms, recheck: 200ms, credentials: ${credentials} }`,
    proxy,
    asksFor: (version, path) => path.includes(`/m/${version}/`),
    async publish(version, folder) {
      for (const name of await filesIn(folder)) {
        await bucket.put(`m/${version}/${name}`, await readFile(join(folder, name)));
      }
    },
    remove: (version) => bucket.remove(`m/${version}/`),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ManifestEntry = { readonly version: string; readonly url: string; readonly sha256: string };

export interface HttpPlace extends RemotePlace {
  /** Puts a file there that no manifest names. */
  put(name: string, bytes: Uint8Array): void;
  /** Names a file in the manifest as an archive of a version. */
  announce(version: number, url: string, sha256: string): void;
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** `versions.json` and archives beside it, on a server that knows ETags and ranges from an offset on. */
export async function httpPlace(): Promise<HttpPlace> {
  const files = new Map<string, Uint8Array>();
  let entries: readonly (ManifestEntry & { readonly size: number })[] = [];

  const write = () => files.set("versions.json", Buffer.from(JSON.stringify({ versions: entries })));
  write();
  const server = createServer(({ url = "", headers }, response) => {
    const bytes = files.get(url.slice(1));
    if (!bytes) return response.writeHead(404).end();
    const etag = `"${sha256(bytes).slice(0, 16)}"`;
    if (headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    const begin = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    const range = { "content-range": `bytes ${begin}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(begin > 0 ? 206 : 200, {
      etag,
      "content-length": bytes.length - begin,
      "accept-ranges": "bytes",
      ...(begin > 0 && range),
    });
    return response.end(bytes.subarray(begin));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await faultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  const place: HttpPlace = {
    source: `{ type: http, url: "${proxy.url}/versions.json", poll: 50ms }`,
    proxy,
    asksFor: (version, path) => path === `/m-${version}.tar.gz`,
    put: (name, bytes) => void files.set(name, bytes),
    announce(version, url, sum) {
      const size = files.get(url)?.length ?? 0;
      const others = entries.filter((each) => each.version !== `${version}`);
      entries = [...others, { version: `${version}`, url, size, sha256: sum }];
      write();
    },
    async publish(version, folder) {
      const names = await readdir(folder);
      const packed = await buffer(create({ cwd: folder, gzip: true, portable: true }, names));
      place.put(`m-${version}.tar.gz`, packed);
      place.announce(version, `m-${version}.tar.gz`, sha256(packed));
    },
    async remove(version) {
      entries = entries.filter((each) => each.version !== `${version}`);
      write();
      files.delete(`m-${version}.tar.gz`);
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      server.close();
      server.closeAllConnections();
    },
  };
  return place;
}

/** All that a cache's folder holds beside complete versions and what is known of places. */
export async function unfinishedIn(cache: string): Promise<readonly string[]> {
  const found = await filesIn(cache);
  return found.filter((name) => !/^(blobs|versions|places)\//.test(name));
}
