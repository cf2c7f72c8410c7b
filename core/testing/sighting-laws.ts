import assert from "node:assert/strict";
import { versionsOf } from "./sightings.js";
import type { SourceLaws } from "./source-law.js";
import { assertComplete, files, never } from "./version-files.js";

/** What sightings owe. */
export function sightingLaws({ law, under }: SourceLaws): void {
  law("the first sighting comes also when there is nothing", async (_, sightings) => {
    const first = await sightings.next();
    assert.deepEqual(first?.versions, []);
  });

  law("each sighting is the whole truth, and the last one empty when all are gone", async (stage, sightings) => {
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

  law("a version that comes back is seen again", async (stage, sightings) => {
    for (let round = 0; round < 3; round++) {
      await stage.publish(5n, files);
      await sightings.until(5n);
      await stage.remove(5n);
      await sightings.until();
    }
  });

  law("names that are no whole numbers are no versions", async (stage, sightings) => {
    for (const each of ["tmp", "v4", "4.5", "4a", "0x10", "1e3", ".5", "9223372036854775808"]) {
      await stage.litter(each);
    }
    await stage.publish(9n, files);
    await sightings.until(9n);
    const strange = sightings.seen.flatMap(versionsOf).filter((version) => version !== 9n);
    assert.deepEqual(strange, []);
  });

  law("the largest version number is one", async (stage, sightings) => {
    await stage.publish(2n ** 63n - 1n, files);
    await sightings.until(2n ** 63n - 1n);
  });

  under("publishSlowly", "a version is not offered while it is still being published", async (...on) => {
    const [publishSlowly, stage, sightings] = on;
    await sightings.next();
    const slow = await publishSlowly(4n, files);
    await stage.publish(1n, files);
    await sightings.until(1n);
    await slow.finish();
    const artifact = (await sightings.until(1n, 4n)).find((each) => each.version === 4n);
    await assertComplete((await artifact?.open(never())) ?? "", files);
  });
}
