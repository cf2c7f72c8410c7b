import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ArtifactCache, ArtifactCacheToken, type Host, type RemoteVersion } from "salver";
import { fakeHost } from "salver/testing";

/** A cache for one process and one test, which shows what was asked of it; it neither resumes nor checks. */
export interface PlainCache extends ArtifactCache, AsyncDisposable {
  /** What was brought, by its place and its files' ETags. */
  readonly brought: readonly string[];
  /** How many of these are in use. */
  readonly inUse: number;
  readonly texts: Map<string, string>;
}

const nameOf = ({ uri, files }: RemoteVersion) => `${uri} ${files.map(({ etag }) => etag).join()}`;

export async function plainCache(): Promise<PlainCache> {
  const root = await mkdtemp(join(tmpdir(), "salver-"));
  const here = new Map<string, string>();
  const brought: string[] = [];
  const texts = new Map<string, string>();
  let inUse = 0;

  return {
    brought,
    texts,
    get inUse() {
      return inUse;
    },
    async bring(version, signal) {
      const name = nameOf(version);
      const path = here.get(name) ?? join(root, `${here.size}`);
      if (!here.has(name)) {
        await mkdir(path, { recursive: true });
        for (const file of version.files) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of (await file.fetch(0, signal)).bytes) chunks.push(chunk);
          await mkdir(dirname(join(path, file.path)), { recursive: true });
          await writeFile(join(path, file.path), Buffer.concat(chunks));
        }
      }
      here.set(name, path);
      brought.push(name);
      inUse++;
      return { path, release: () => void inUse-- };
    },
    has: async (version) => here.has(nameOf(version)),
    remember: async (place, text) => void texts.set(place, text),
    remembered: async (place) => texts.get(place),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A host that has `cache`, and else is as `overrides` say. */
export function hostWith(cache: ArtifactCache, overrides: Partial<Host> = {}): Host {
  const host = fakeHost(overrides);
  return {
    ...host,
    get: (token) => (token.name === ArtifactCacheToken.name ? (cache as never) : host.get(token)),
  };
}
