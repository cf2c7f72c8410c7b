import assert from "node:assert/strict";
import { published } from "./opening-laws.js";
import { type Sightings, versionsOf } from "./sightings.js";
import type { SourceLaws } from "./source-law.js";
import { type Repairable, type SourceStage, wireFaults } from "./source-stage.js";
import { assertComplete, assertOpens, files, never, outcomeOf } from "./version-files.js";

async function waitForLooks(stage: SourceStage, count: number) {
  const looks = () => stage.looks?.() ?? assert.fail("the stage can break down but does not count looks");
  const goal = looks() + count;
  while (looks() < goal) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** With version 1 known, brings a fault about that lasts for some looks; nothing may come of it, and all goes on after. */
async function assertUnmoved(stage: SourceStage, sightings: Sightings, fault: () => Promise<Repairable>) {
  await stage.publish(1n, files);
  await sightings.until(1n);
  const known = sightings.seen.length;
  const { repair } = await fault();
  await waitForLooks(stage, 3);
  await repair();
  await stage.publish(2n, files);
  await sightings.until(1n, 2n);
  const between = sightings.seen.slice(known, -1).map(versionsOf);
  assert.deepEqual(between, [], "sightings during the outage");
}

/** What holds while the place, or the way to it, fails. */
export function faultLaws({ under }: SourceLaws): void {
  under("breakDown", "trouble in looking changes nothing, and passes", (breakDown, stage, sightings) =>
    assertUnmoved(stage, sightings, breakDown),
  );

  for (const fault of wireFaults) {
    under("disturb", `looking: ${fault}: changes nothing, and passes`, (disturb, stage, sightings) =>
      assertUnmoved(stage, sightings, () => disturb(fault, "looking")),
    );

    under("disturb", `opening: ${fault}: no half version, no change of sightings, and passes`, async (...on) => {
      const [disturb, stage, sightings] = on;
      const artifact = await published(stage, sightings, 7n);
      const known = sightings.seen.length;
      const { repair } = await disturb(fault, "opening");
      const outcome = await outcomeOf(artifact.open(never()));
      if (fault === "slow drip") assert.ok("path" in outcome, "bytes that come slowly come all the same");
      if ("path" in outcome) {
        await assertComplete(outcome.path, files);
        artifact.release?.();
      }
      await repair();
      await assertOpens(artifact, files);
      // The same again, as another attempt, is what a source may say once it can be had.
      const since = sightings.seen.slice(known).map(versionsOf);
      assert.ok(
        since.every((versions) => versions.length === 1 && versions[0] === 7n),
        `sightings, because of an open that failed: ${JSON.stringify(since.map(String))}`,
      );
    });
  }

  under(
    "fallSilent",
    "disposing the source ends also a look that gets no answer",
    async (fallSilent, stage, sightings) => {
      await sightings.next();
      await fallSilent();
      const waiting = sightings.next();
      await waitForLooks(stage, 1);
      await stage.source[Symbol.asyncDispose]();
      assert.equal(await waiting, undefined);
    },
  );
}
