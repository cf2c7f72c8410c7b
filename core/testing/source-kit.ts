import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "../source.js";
import type { TestRunner } from "./runner.js";
import { readSightings, type Sightings, versionsOf } from "./sightings.js";

/** Contents by path inside the version, e.g. `{ "saved_model.pb": "…", "variables/index": "…" }`. */
export type VersionFiles = Readonly<Record<string, string>>;

/** One source over a place of its own, empty at first, and the hands to change that place with. */
export interface SourceStage extends AsyncDisposable {
  readonly source: Source;
  /** The model name the source was made for. */
  readonly model: string;
  /** Puts a complete version there, at once or bit by bit. */
  publish(version: bigint, files: VersionFiles): Promise<void>;
  remove(version: bigint): Promise<void>;
  /** Puts something beside the versions that is none, under this name. */
  litter(name: string): Promise<void>;
  /**
   * Begins to publish and goes on without ever standing still for as long as the source would take for the end; `finish`
   * completes the version.
   */
  publishSlowly?(version: bigint, files: VersionFiles): Promise<{ finish(): Promise<void> }>;
  /** Makes looking fail until `repair` is called. */
  breakDown?(): Promise<{ repair(): Promise<void> }>;
  /** How many looks the source has taken or tried, so that a fault can last for some. Goes with `breakDown`. */
  looks?(): number;
}

/** Trouble that a stage may be unable to bring about. */
export type SourceFault = "publishSlowly" | "breakDown";

export type SourceHarness = {
  /**
   * A fresh stage, for each test. Its source should look every few milliseconds: the kit waits for sightings and never
   * for times.
   */
  open(): Promise<SourceStage>;
  /** Faults that cannot happen to this source, with the reason; their laws are left out. */
  readonly exempt?: Readonly<Partial<Record<SourceFault, string>>>;
};

const files: VersionFiles = { "model.bin": "weights", "assets/vocabulary.txt": "a\nb\n" };

async function assertComplete(path: string, wanted: VersionFiles) {
  for (const [name, content] of Object.entries(wanted)) {
    assert.equal(await readFile(join(path, name), "utf8"), content, `${name} in the opened version`);
  }
}

function assertLawful({ seen }: Sightings, model: string) {
  for (const [i, sighting] of seen.entries()) {
    const versions = versionsOf(sighting);
    assert.equal(sighting.model, model, "a sighting names its model");
    assert.equal(new Set(versions).size, versions.length, `a version comes once: ${versions}`);
    for (const each of sighting.versions) assert.ok(each.uri.length > 0, `version ${each.version} says where it is`);
    const before = seen[i - 1];
    const key = (at: typeof sighting) => at.versions.map((each) => `${each.version} ${each.uri}`).sort();
    if (before) assert.notDeepEqual(key(sighting), key(before), "a sighting comes only at a change");
  }
}

async function waitForLooks(stage: SourceStage, count: number) {
  const looks = () => stage.looks?.() ?? assert.fail("the stage can break down but does not count looks");
  const goal = looks() + count;
  while (looks() < goal) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The laws every source keeps. */
export function describeSource(runner: TestRunner, name: string, harness: SourceHarness): void {
  const { describe } = runner;
  const { open, exempt = {} } = harness;
  const test = (law: string, body: (stage: SourceStage, sightings: Sightings) => Promise<void>) =>
    runner.test(law, async () => {
      await using stage = await open();
      await using sightings = readSightings(stage.source);
      await body(stage, sightings);
      assertLawful(sightings, stage.model);
    });

  describe(`source ${name}`, () => {
    test("the first sighting comes also when there is nothing", async (_, sightings) => {
      const first = await sightings.next();
      assert.deepEqual(first?.versions, []);
    });

    test("each sighting is the whole truth, and the last one empty when all are gone", async (stage, sightings) => {
      await stage.publish(1n, files);
      await sightings.until(1n);
      await stage.publish(3n, files);
      await sightings.until(1n, 3n);
      await stage.publish(2n, files);
      await sightings.until(1n, 2n, 3n);
      await stage.remove(1n);
      await sightings.until(2n, 3n);
      await stage.remove(3n);
      await sightings.until(2n);
      await stage.remove(2n);
      await sightings.until();
    });

    test("a version that comes back is seen again", async (stage, sightings) => {
      for (let round = 0; round < 3; round++) {
        await stage.publish(5n, files);
        await sightings.until(5n);
        await stage.remove(5n);
        await sightings.until();
      }
    });

    test("names that are no whole numbers are no versions", async (stage, sightings) => {
      for (const each of ["tmp", "v4", "4.5", "4a", "0x10", "1e3", ".5", "9223372036854775808"]) {
        await stage.litter(each);
      }
      await stage.publish(9n, files);
      await sightings.until(9n);
      const strange = sightings.seen.flatMap(versionsOf).filter((version) => version !== 9n);
      assert.deepEqual(strange, []);
    });

    test("the largest version number is one", async (stage, sightings) => {
      await stage.publish(2n ** 63n - 1n, files);
      await sightings.until(2n ** 63n - 1n);
    });

    test("open gives a complete path, every time, to several callers at once", async (stage, sightings) => {
      await stage.publish(7n, files);
      const [artifact] = await sightings.until(7n);
      assert.ok(artifact);
      const { signal } = new AbortController();
      const paths = await Promise.all([1, 2, 3].map(() => artifact.open(signal)));
      for (const path of [...paths, await artifact.open(signal)]) await assertComplete(path, files);
    });

    test("open rejects when it is aborted, and works afterwards", async (stage, sightings) => {
      await stage.publish(7n, files);
      const [artifact] = await sightings.until(7n);
      assert.ok(artifact);
      await assert.rejects(artifact.open(AbortSignal.abort()));
      await assertComplete(await artifact.open(new AbortController().signal), files);
    });

    test("open rejects when the version is gone", async (stage, sightings) => {
      await stage.publish(7n, files);
      const [artifact] = await sightings.until(7n);
      await stage.remove(7n);
      await sightings.until();
      await assert.rejects(artifact?.open(new AbortController().signal) ?? Promise.resolve());
    });

    runner.test("abort ends the iteration without an error, before and after the first sighting", async () => {
      await using stage = await open();
      await using aborted = readSightings(stage.source, AbortSignal.abort());
      assert.equal(await aborted.next(), undefined);
      const end = new AbortController();
      await using sightings = readSightings(stage.source, end.signal);
      await sightings.next();
      const waiting = sightings.next();
      end.abort();
      assert.equal(await waiting, undefined);
    });

    runner.test("disposing the source ends its iterations, and may happen twice or without any", async () => {
      await using stage = await open();
      await using sightings = readSightings(stage.source);
      await sightings.next();
      const waiting = sightings.next();
      await stage.source[Symbol.asyncDispose]();
      assert.equal(await waiting, undefined);
      await stage.source[Symbol.asyncDispose]();
      await using untouched = await open();
      await untouched.source[Symbol.asyncDispose]();
    });

    runner.test("a reader that stops early leaves nothing running", async () => {
      await using stage = await open();
      for await (const sighting of stage.source.watch(new AbortController().signal)) {
        assert.equal(sighting.model, stage.model);
        break;
      }
    });

    if (!exempt.publishSlowly) {
      test("a version is not offered while it is still being published", async (stage, sightings) => {
        assert.ok(stage.publishSlowly, "the stage has no publishSlowly, and the harness does not say why");
        await sightings.next();
        const slow = await stage.publishSlowly(4n, files);
        await stage.publish(1n, files);
        await sightings.until(1n);
        await slow.finish();
        const artifact = (await sightings.until(1n, 4n)).find((each) => each.version === 4n);
        await assertComplete((await artifact?.open(new AbortController().signal)) ?? "", files);
      });
    }

    if (!exempt.breakDown) {
      test("trouble in looking changes nothing, and passes", async (stage, sightings) => {
        assert.ok(stage.breakDown, "the stage has no breakDown, and the harness does not say why");
        await stage.publish(1n, files);
        await sightings.until(1n);
        const known = sightings.seen.length;
        const fault = await stage.breakDown();
        await waitForLooks(stage, 3);
        await fault.repair();
        await stage.publish(2n, files);
        await sightings.until(1n, 2n);
        const between = sightings.seen.slice(known, -1).map(versionsOf);
        assert.deepEqual(between, [], "sightings during the outage");
      });
    }
  });
}
