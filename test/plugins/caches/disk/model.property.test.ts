import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { type Brought, type RemoteFile, ServingError, unavailable } from "salver";
import { expect, test } from "vitest";
import type { DiskCache } from "../../../../plugins/caches/disk/disk-cache.js";
import { cacheIn, cut, noise, scriptedFile, sums, sumsIn, versionOf } from "./support.js";

const KB = 1024;
/** Room for about two of the versions. */
const QUOTA = 420 * KB;
const contents = [noise(150 * KB, 1), noise(170 * KB, 2), noise(20 * KB, 3), noise(190 * KB, 4)];

/** What is at the remote place: for each version its files, as indexes of contents, and whether sums are known. */
const versions = [
  { files: { a: 0, b: 2 }, sums: true },
  { files: { a: 0, c: 1 }, sums: true },
  { files: { a: 3 }, sums: false },
  { files: { "x/y": 1, b: 2 }, sums: false },
] as const;

type Trouble = "none" | "cut" | "down" | "gone" | "abort";
/** Fails a bring, and those who share it. */
const isHard = (trouble: Trouble) => trouble !== "none" && trouble !== "cut";

type Step =
  | {
      readonly kind: "bring";
      readonly cache: number;
      readonly version: number;
      readonly trouble: Trouble;
      readonly at: number;
    }
  | { readonly kind: "release"; readonly which: number }
  | { readonly kind: "change"; readonly version: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("bring" as const),
      cache: fc.nat(1),
      version: fc.nat(versions.length - 1),
      trouble: fc.constantFrom<Trouble>("none", "none", "cut", "down", "gone", "abort"),
      at: fc.nat(200 * KB),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("release" as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("change" as const), version: fc.constantFrom(2, 3) }) },
);

type Hand = { readonly brought: Brought; readonly wanted: Record<string, string> };

/** The world beside the cache: what each version is now, and who holds what. */
function world(root: string) {
  const caches: readonly DiskCache[] = [cacheIn(root, { quota: QUOTA }), cacheIn(root, { quota: QUOTA })];
  const held: Hand[] = [];
  const changes = versions.map(() => 0);

  const bytesOf = (version: number): Record<string, Buffer> =>
    Object.fromEntries(
      Object.entries(versions[version]?.files ?? {}).map(([path, index]) => {
        const bytes = Buffer.from(contents[index] as Buffer);
        bytes[0] = changes[version] ?? 0;
        return [path, bytes];
      }),
    );

  function filesOf(version: number, trouble: Trouble, at: number, abort: AbortController): readonly RemoteFile[] {
    return Object.entries(bytesOf(version)).map(([path, bytes]) => {
      const etag = `"${version}.${changes[version]}"`;
      const known = versions[version]?.sums ? {} : { say: { size: bytes.length, etag }, etag: () => etag };
      const before = async (attempt: number) => {
        if (trouble === "gone") throw new ServingError("NOT_FOUND", "gone");
        if (trouble === "down" && attempt > 1) throw unavailable("down");
      };
      const through = (sent: AsyncIterable<Uint8Array>, attempt: number) => {
        if (trouble === "abort") setTimeout(() => abort.abort(), at % 7);
        return trouble === "down" || (trouble === "cut" && attempt === 1) ? cut(sent, at) : sent;
      };
      return scriptedFile({ path, bytes, before, through, ...known }).file;
    });
  }

  async function check(): Promise<void> {
    for (const { brought, wanted } of held) expect(await sumsIn(brought.path)).toEqual(wanted);
    for (const name of await readdir(join(root, "versions")).catch(() => []))
      expect((await stat(join(root, "versions", name, "about.json"))).isFile()).toBe(true);
  }

  return {
    async take(one: Step, round: readonly Step[]): Promise<void> {
      if (one.kind === "change") changes[one.version] = ((changes[one.version] ?? 0) + 1) % 250;
      else if (one.kind === "release") held.splice(one.which, 1)[0]?.brought.release();
      else {
        const abort = new AbortController();
        const wanted = sums(bytesOf(one.version));
        const files = filesOf(one.version, one.trouble, one.at, abort);
        const uri = `memory://m/${one.version}/`;
        const cache = caches[one.cache] as DiskCache;
        try {
          const brought = await cache.bring(versionOf(files, BigInt(one.version), uri), abort.signal);
          held.push({ brought, wanted });
        } catch (error) {
          if (!round.some((other) => other.kind === "bring" && other.version === one.version && isHard(other.trouble)))
            throw error;
        }
      }
    },
    check,
    /** Everything is released: what is left is complete, within the quota, and nobody's work. */
    async end(): Promise<void> {
      for (const { brought } of held.splice(0)) brought.release();
      await Promise.all(caches.map((cache) => cache.idle()));
      const [last] = caches as [DiskCache];
      const { release } = await last.bring(
        versionOf(filesOf(0, "none", 0, new AbortController())),
        new AbortController().signal,
      );
      release();
      await Promise.all(caches.map((cache) => cache.idle()));
      expect(await readdir(join(root, "owners"))).toEqual([]);
      expect(await readdir(join(root, "locks"))).toEqual([]);
      const blobs = await Promise.all(
        (await readdir(join(root, "blobs"))).map(async (name) => (await stat(join(root, "blobs", name))).size),
      );
      expect(blobs.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(QUOTA);
    },
  };
}

test("whatever happens, what is handed out is complete and stays, and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), async (rounds) => {
      const root = await mkdtemp(join(tmpdir(), "salver-cache-"));
      try {
        const { take, check, end } = world(root);
        // The steps of one round are under way at once.
        for (const round of rounds) {
          await Promise.all(round.map((one) => take(one, round)));
          await check();
        }
        await end();
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    }),
    { numRuns: Number(process.env.SALVER_RUNS ?? 25) },
  );
}, 120_000);
