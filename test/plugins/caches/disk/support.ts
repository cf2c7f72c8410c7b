import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RemoteFile, type RemoteVersion, silentLogger, silentTelemetry, systemClock } from "salver";
import { onTestFinished } from "vitest";
import { createDiskCache, type DiskCacheParts } from "../../../../plugins/caches/disk/disk-cache.js";

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes that no two seeds have in common. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed * 2654435761;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "salver-cache-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Tries again at once; nothing else is different from the real one. */
export const hasty = { attempts: 4, firstPause: 1, longestPause: 2, silence: 10_000 };

export function cacheIn(path: string, parts: Partial<DiskCacheParts> = {}) {
  const house = { clock: systemClock, log: silentLogger, telemetry: silentTelemetry, rules: hasty };
  return createDiskCache({ path, quota: undefined, ...house, ...parts });
}

export type Scripted = {
  readonly path: string;
  readonly bytes: Buffer;
  /** What is said of the file beforehand; by default all of it. */
  readonly say?: Partial<Pick<RemoteFile, "size" | "etag" | "sha256" | "archive">>;
  /** Whether its server can begin elsewhere than at byte 0. */
  readonly ranges?: boolean;
  /** The answer's; by default that of its bytes. */
  readonly etag?: () => string | undefined;
  /** Called before each answer, with its number from 1 on; may throw. */
  readonly before?: (attempt: number, signal: AbortSignal) => Promise<void>;
  /** Called with each answer's bytes. */
  readonly through?: (bytes: AsyncIterable<Uint8Array>, attempt: number) => AsyncIterable<Uint8Array>;
};

async function* inPieces(bytes: Buffer, size = 16 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + size);
  }
}

/** A file that keeps a diary of the offsets it was asked for. */
export function scriptedFile({ path, bytes, say, ranges = true, etag, before, through }: Scripted) {
  const asked: number[] = [];
  const mark = `"${sha256(bytes).slice(0, 8)}"`;
  const file: RemoteFile = {
    path,
    ...(say ?? { size: bytes.length, etag: mark, sha256: sha256(bytes) }),
    fetch: async (offset, signal) => {
      signal.throwIfAborted();
      asked.push(offset);
      await before?.(asked.length, signal);
      const start = ranges ? offset : 0;
      const sent = inPieces(bytes.subarray(start));
      return {
        offset: start,
        size: bytes.length,
        etag: etag ? etag() : mark,
        bytes: through ? through(sent, asked.length) : sent,
      };
    },
  };
  return { file, asked };
}

/** Breaks after so many bytes, as a socket does. */
export async function* cut(bytes: AsyncIterable<Uint8Array>, after: number): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const piece of bytes) {
    const rest = after - sent;
    if (rest < piece.length) {
      yield piece.subarray(0, rest);
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
    }
    sent += piece.length;
    yield piece;
  }
}

export const versionOf = (
  files: readonly RemoteFile[],
  version = 1n,
  uri = `memory://m/${version}/`,
): RemoteVersion => ({
  model: "m",
  version,
  uri,
  files,
});

/** The SHA-256 of each file, by its path: far quicker to compare than bytes. */
export const sums = (files: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, sha256(bytes)]));

/** The SHA-256 of the files below a folder, by their paths. */
export async function sumsIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, entry);
    if ((await stat(path)).isFile()) found[entry] = sha256(await readFile(path));
  }
  return found;
}

/** What is in the cache's folder that is no version, blob or text: nothing, where nobody is at work. */
export async function leftovers(root: string): Promise<readonly string[]> {
  const rooms = ["owners", "locks", "parts"];
  const found = await Promise.all(
    rooms.map(async (room) => (await readdir(join(root, room)).catch(() => [])).map((name) => `${room}/${name}`)),
  );
  return found.flat();
}

export const forever = () => new AbortController().signal;
