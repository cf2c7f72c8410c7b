import assert from "node:assert/strict";
import type { TestRunner } from "./runner.js";
import { readSightings, type Sightings, versionsOf } from "./sightings.js";
import type { SourceFault, SourceHarness, SourceStage } from "./source-stage.js";

export type Staged = (stage: SourceStage, sightings: Sightings) => Promise<void>;

/** How the laws of sources are written down. */
export type SourceLaws = {
  /** On a fresh stage whose sightings are read, and are lawful in the end. */
  law(name: string, body: Staged): void;
  /** One that a source may be exempt from; `ability` is what its stage needs for it. */
  under<F extends SourceFault>(
    fault: F,
    name: string,
    body: (ability: NonNullable<SourceStage[F]>, stage: SourceStage, sightings: Sightings) => Promise<void>,
  ): void;
};

export function sourceLaws(runner: TestRunner, { open, exempt = {} }: SourceHarness): SourceLaws {
  const law = (name: string, body: Staged) =>
    runner.test(name, async () => {
      await using stage = await open();
      await using sightings = readSightings(stage.source);
      await body(stage, sightings);
      assertLawful(sightings, stage.model);
    });
  return {
    law,
    under: (fault, name, body) => {
      if (exempt[fault]) return;
      law(name, async (stage, sightings) => {
        const ability = stage[fault];
        assert.ok(ability, `the stage has no ${fault}, and the harness does not say why`);
        await body(ability.bind(stage) as typeof ability, stage, sightings);
      });
    },
  };
}

function assertLawful({ seen }: Sightings, model: string) {
  for (const [i, sighting] of seen.entries()) {
    const versions = versionsOf(sighting);
    assert.equal(sighting.model, model, "a sighting names its model");
    assert.equal(new Set(versions).size, versions.length, `a version comes once: ${versions}`);
    for (const each of sighting.versions) assert.ok(each.uri.length > 0, `version ${each.version} says where it is`);
    const before = seen[i - 1];
    const key = (at: typeof sighting) =>
      at.versions.map((each) => `${each.version} ${each.uri} ${each.attempt}`).sort();
    if (before) assert.notDeepEqual(key(sighting), key(before), "a sighting comes only at a change");
  }
}
