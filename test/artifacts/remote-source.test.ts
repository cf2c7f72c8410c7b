import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, ServingError } from "salver";
import { type FakeClock, fakeClock, type RecordingLogger, readSightings, recordingLogger } from "salver/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ListedVersion } from "../../artifacts/listing.js";
import type { LookRules, RemotePlace } from "../../artifacts/remote-place.js";
import { remoteSource } from "../../artifacts/remote-source.js";
import { withRetryAfter } from "../../artifacts/retry-after.js";
import { hostWith, type PlainCache, plainCache } from "../support/plain-cache.js";

const uri = "far://away/";
const listed = (version: number, content: string, complete?: boolean): ListedVersion => ({
  version: BigInt(version),
  uri: `${uri}${version}`,
  files: [{ at: content, path: "a", etag: `"${content}"` }],
  ...(complete !== undefined && { complete }),
});

let cache: PlainCache;
let clock: FakeClock;
let log: RecordingLogger;
/** What the next look finds or fails with; looks go on finding the last. */
let answers: (readonly ListedVersion[] | Error)[];
let looks: ReadonlyMap<bigint, ListedVersion>[];
let fetches: string[];
/** What fetching fails with. */
let trouble: Error | undefined;

beforeEach(async () => {
  cache = await plainCache();
  clock = fakeClock();
  log = recordingLogger();
  answers = [[]];
  looks = [];
  fetches = [];
  trouble = undefined;
});
afterEach(() => cache[Symbol.asyncDispose]());

const place: RemotePlace = {
  uri,
  memory: "far",
  wanted: "numbers",
  completedBy: "_DONE",
  async look(_, settled) {
    looks.push(settled);
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    if (answer instanceof Error) throw answer;
    return answer ?? [];
  },
  async fetch({ at }) {
    fetches.push(at);
    if (trouble) throw trouble;
    const bytes = (async function* () {
      yield Buffer.from(at);
    })();
    return { offset: 0, bytes };
  },
};

const rules: LookRules = { poll: 60_000, settle: 2 };
const host = () => hostWith(cache, { id: "ctr", clock, log });
const watch = (own: Partial<LookRules> = {}) => readSightings(remoteSource(host(), place, { ...rules, ...own }));
const { signal } = new AbortController();

/** Lets the source look again, as soon as it waits for that. */
async function pass(ms = 66_000) {
  await clock.asleep();
  clock.advance(ms);
  await clock.asleep();
}
const messages = (level: string) => log.lines.filter((line) => line.level === level).map((line) => line.message);
const contentOf = async (artifact: Artifact | undefined) =>
  readFile(join((await artifact?.open(signal)) ?? "", "a"), "utf8");

describe("what is offered", () => {
  test("a version comes with the look that finds it unchanged, and what it opens is complete", async () => {
    answers = [[listed(1, "half")], [listed(1, "whole")], [listed(1, "whole")]];
    await using sightings = watch();
    await clock.asleep();
    expect(messages("info")).toEqual([
      `version 1 at ${uri} is not offered until 2 looks in a row, 60 s apart, have found it unchanged`,
    ]);
    await pass();
    expect(sightings.seen).toEqual([]);
    await pass();
    const [artifact] = await sightings.until(1n);
    expect(await contentOf(artifact)).toBe("whole");
    expect(messages("info")).toHaveLength(1);
  });

  test("a version that is said to be complete comes at once, one that is said not to be does not", async () => {
    answers = [[listed(1, "a", true), listed(2, "b", false)]];
    await using sightings = watch();
    await sightings.until(1n);
    for (let i = 0; i < 5; i++) await pass();
    expect(sightings.seen).toHaveLength(1);
    expect(messages("info")).toEqual([`version 2 at ${uri} is not offered until there is _DONE`]);
  });

  test("nothing is said until something changes, and an empty place is", async () => {
    answers = [[], [], [listed(1, "a", true)], [listed(1, "a", true)], []];
    await using sightings = watch();
    expect((await sightings.next())?.versions).toEqual([]);
    for (let i = 0; i < 6; i++) await pass();
    expect(sightings.seen.map((each) => each.versions.length)).toEqual([0, 1, 0]);
    expect(messages("warn")).toEqual([
      `ctr waits for a version: there is no version at ${uri}; expected numbers, which is looked for again every 60 s`,
      `there is no version at ${uri}; expected numbers, which is looked for again every 60 s`,
    ]);
  });

  test("files that change in place: the old ones until the new ones stand still, then another attempt; and a warning", async () => {
    answers = [[listed(1, "old", true)], [listed(1, "new", true)]];
    await using sightings = watch();
    const [artifact] = await sightings.until(1n);
    expect(await contentOf(artifact)).toBe("old");
    await pass();
    expect(await contentOf(artifact)).toBe("old");
    expect(messages("warn")).toEqual([
      expect.stringMatching(/version 1 at .* has other files than before.*new number/),
    ]);
    await pass();
    expect(await contentOf(artifact)).toBe("new");
    await pass();
    expect(sightings.seen).toHaveLength(2);
    const [again] = sightings.seen[1]?.versions ?? [];
    expect(again?.version).toBe(1n);
    expect(again?.attempt).not.toBe(artifact?.attempt);
    expect(messages("warn")).toHaveLength(1);
  });

  test("a version whose files could not be had comes again at the next look, and then ever more seldom", async () => {
    answers = [[listed(1, "a", true)]];
    trouble = new ServingError("UNAVAILABLE", "not now");
    await using sightings = watch();
    const [first] = await sightings.until(1n);
    const attempts = new Set([first?.attempt]);
    const lengths: number[] = [];
    for (let look = 0; look < 16; look++) {
      await sightings.seen
        .at(-1)
        ?.versions[0]?.open(signal)
        .catch(() => {});
      await pass();
      attempts.add(sightings.seen.at(-1)?.versions[0]?.attempt);
      lengths.push(sightings.seen.length);
    }
    expect(attempts.size).toBe(sightings.seen.length);
    expect(lengths[0]).toBe(2);
    expect(lengths.at(-1)).toBeGreaterThanOrEqual(4);
    expect(lengths.at(-1)).toBeLessThanOrEqual(7);
    trouble = undefined;
    expect(await contentOf(sightings.seen.at(-1)?.versions[0])).toBe("a");
    for (let look = 0; look < 40; look++) await pass();
    expect(sightings.seen).toHaveLength(lengths.at(-1) ?? 0);
  });

  test.each(["INVALID_ARGUMENT", "FAILED_PRECONDITION"] as const)(
    "a version that is %s comes again with other files only",
    async (code) => {
      answers = [[listed(1, "a", true)], [listed(1, "a", true)], [listed(1, "b", true)], [listed(1, "b", true)]];
      trouble = new ServingError(code, "wrong");
      await using sightings = watch();
      const [artifact] = await sightings.until(1n);
      await artifact?.open(signal).catch(() => {});
      await pass();
      expect(sightings.seen).toHaveLength(1);
      for (let look = 0; look < 3; look++) await pass();
      expect(sightings.seen).toHaveLength(2);
    },
  );

  test("a version that is refused is seen, and cannot be opened", async () => {
    answers = [[{ ...listed(1, "a", true), refused: "a bad name" }]];
    await using sightings = watch();
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(signal)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: "a bad name" });
    expect(fetches).toEqual([]);
  });

  test("each release ends one use, also of an artifact that was seen long ago", async () => {
    answers = [[listed(1, "a", true)], [listed(1, "a", true), listed(2, "b", true)]];
    await using sightings = watch();
    const [first] = await sightings.until(1n);
    await first?.open(signal);
    await pass();
    const again = (await sightings.until(1n, 2n)).find((each) => each.version === 1n);
    await again?.open(signal);
    expect(cache.inUse).toBe(2);
    again?.release?.();
    expect(cache.inUse).toBe(1);
    first?.release?.();
    first?.release?.();
    expect(cache.inUse).toBe(0);
  });

  test("looks are told what has settled", async () => {
    answers = [[listed(1, "a", true)], [listed(1, "b", true)]];
    await using sightings = watch();
    await sightings.until(1n);
    await pass();
    await pass();
    await pass();
    expect(looks.map((settled) => [...settled.keys()])).toEqual([[], [1n], [], [1n]]);
  });
});

describe("time", () => {
  test("looks are a poll apart, a tenth more or less", async () => {
    await using _ = watch();
    await clock.asleep();
    clock.advance(53_999);
    await clock.asleep();
    expect(looks).toHaveLength(1);
    clock.advance(12_002);
    await clock.asleep();
    expect(looks).toHaveLength(2);
  });

  test("poll 0 looks until nothing is changing, and no more", async () => {
    answers = [[listed(1, "a")]];
    await using sightings = watch({ poll: 0 });
    await pass(5500);
    await sightings.until(1n);
    await pass(2 ** 30);
    expect(looks).toHaveLength(2);
  });
});

const unavailable = () => new ServingError("UNAVAILABLE", "the line is cut");

describe("trouble", () => {
  test("it is told once for each cause, and when it has passed; what is offered stays", async () => {
    const denied = new ServingError("PERMISSION_DENIED", "not you");
    answers = [
      [listed(1, "a", true)],
      unavailable(),
      unavailable(),
      denied,
      unavailable(),
      [listed(1, "a", true)],
      unavailable(),
      [],
    ];
    await using sightings = watch();
    await sightings.until(1n);
    for (let i = 0; i < 6; i++) await pass(400_000);
    const cut = `cannot look at ${uri}, what is offered stays; next look in `;
    expect(messages("error")).toEqual([
      expect.stringMatching(`${cut}.*: the line is cut`),
      expect.stringMatching(`${cut}.*: not you`),
      expect.stringMatching(`${cut}.*: the line is cut`),
    ]);
    expect(messages("info")).toEqual([`${uri} can be looked at again`]);
    expect(sightings.seen).toHaveLength(1);
    await pass(400_000);
    await sightings.until();
  });

  test("another cause is told, though it is of the same kind; without the stack of what was foreseen", async () => {
    const refused = (why: string) =>
      new ServingError("PERMISSION_DENIED", `it is refused: ${why}`, { cause: new Error("of the library") });
    answers = [refused("not signed"), refused("not signed"), refused("by another key"), new TypeError("a defect")];
    await using _ = watch();
    for (let i = 0; i < 4; i++) await pass(400_000);
    expect(messages("error")).toEqual([
      expect.stringMatching(/it is refused: not signed$/),
      expect.stringMatching(/it is refused: by another key$/),
      expect.stringMatching(/internal error/),
    ]);
    const causes = log.lines.filter((line) => line.level === "error").map(({ fields }) => fields.cause);
    expect(causes).toEqual([undefined, undefined, expect.any(TypeError)]);
  });

  test("waits grow to five minutes, and are no shorter than the place asks for", async () => {
    answers = [unavailable()];
    await using _ = watch();
    const waited: number[] = [];
    for (let i = 0; i < 12; i++) {
      await clock.asleep();
      const from = clock.now();
      const before = looks.length;
      while (looks.length === before) {
        clock.advance(50);
        await new Promise(setImmediate);
      }
      waited.push(clock.now() - from);
    }
    for (const [i, wait] of waited.entries()) {
      const full = Math.min(300_000, 1000 * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full + 50);
    }
    answers = [withRetryAfter(unavailable(), 1_000_000)];
    await pass(300_000);
    const before = looks.length;
    await pass(999_000);
    expect(looks.length).toBe(before);
    await pass(1001);
    expect(looks.length).toBe(before + 1);
  });

  test("after a look that succeeds, waits begin anew", async () => {
    answers = [...Array(8).fill(unavailable()), [], unavailable()];
    await using _ = watch();
    for (let i = 0; i < 8; i++) await pass(300_000);
    await pass();
    const before = looks.length;
    await pass(1000);
    expect(looks.length).toBe(before + 1);
  });

  test("at the start nothing is said about versions before a look has succeeded", async () => {
    answers = [unavailable(), [listed(1, "a", true)]];
    await using sightings = watch();
    await pass(1000);
    await sightings.until(1n);
    expect(sightings.seen).toHaveLength(1);
    expect(messages("error")[0]).toMatch(
      /ctr waits for a version; next look in .* s, then less and less often: the line/,
    );
  });
});

describe("a start without the place", () => {
  /** A process before, which has seen these and opened some. */
  async function earlier(seen: readonly ListedVersion[], ...opened: bigint[]) {
    answers = [seen];
    await using sightings = watch({ settle: 1 });
    const artifacts = await sightings.until(...seen.map((each) => each.version));
    for (const each of artifacts) if (opened.includes(each.version)) await each.open(signal);
    clock = fakeClock();
    log = recordingLogger();
    looks = [];
  }

  test("offers what was offered last, as far as the cache has it, says so, and goes on looking", async () => {
    await earlier([listed(1, "a"), listed(2, "b")], 2n);
    answers = [unavailable(), unavailable(), [listed(1, "a"), listed(2, "b")]];
    await using sightings = watch();
    const [artifact] = await sightings.until(2n);
    expect(await contentOf(artifact)).toBe("b");
    expect(messages("warn")).toEqual([
      expect.stringMatching(
        /^far:.* cannot be looked at: ctr starts from this machine's cache with version 2, what was there at 20.*Z; looking goes on$/,
      ),
    ]);
    await pass(1000);
    expect(sightings.seen).toHaveLength(1);
    await pass(2000);
    // Version 1 was known to be complete.
    await sightings.until(1n, 2n);
  });

  test("offers nothing when the cache has nothing", async () => {
    await earlier([listed(1, "a")]);
    answers = [unavailable(), unavailable(), []];
    await using sightings = watch();
    await pass(1000);
    expect(sightings.seen).toEqual([]);
    await pass(2000);
    await sightings.until();
  });

  test("with the place there, what was offered before need not stand still again", async () => {
    await earlier([listed(1, "a")]);
    await using sightings = watch();
    await sightings.until(1n);
    expect(looks).toHaveLength(1);
  });

  test("a memory that is broken or cannot be kept is no more than no memory", async () => {
    cache.texts.set("far", '{"at":0,"versions":[{"version":"x"}]}');
    cache.remember = async () => {
      throw new Error("disk full");
    };
    answers = [unavailable(), [listed(1, "a", true)]];
    await using sightings = watch();
    await pass(1000);
    await sightings.until(1n);
    expect(messages("warn")).toEqual([expect.stringMatching(/a start without far.* will not know.*disk full/)]);
    cache.remembered = async () => {
      throw new Error("gone");
    };
    await using another = watch();
    await another.until(1n);
    expect(messages("warn")[1]).toMatch(/what was last seen at far.* cannot be recalled: gone/);
  });

  test("what is gone for good is not remembered", async () => {
    await earlier([listed(1, "a")], 1n);
    answers = [[]];
    {
      await using sightings = watch();
      await sightings.until();
    }
    answers = [unavailable()];
    await using sightings = watch();
    await pass(1000);
    expect(sightings.seen).toEqual([]);
  });
});
