import assert from "node:assert/strict";
import { faultLaws } from "./fault-laws.js";
import { openingLaws } from "./opening-laws.js";
import type { TestRunner } from "./runner.js";
import { sightingLaws } from "./sighting-laws.js";
import { readSightings } from "./sightings.js";
import { sourceLaws } from "./source-law.js";
import type { SourceHarness } from "./source-stage.js";

/** The laws every source keeps. */
export function describeSource(runner: TestRunner, name: string, harness: SourceHarness): void {
  const { open } = harness;

  runner.describe(`source ${name}`, () => {
    const laws = sourceLaws(runner, harness);
    sightingLaws(laws);
    openingLaws(laws);
    faultLaws(laws);

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
  });
}
