import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { sep } from "node:path";
import type { Artifact } from "../source.js";
import type { Sightings } from "./sightings.js";
import type { SourceLaws } from "./source-law.js";
import type { SourceStage } from "./source-stage.js";
import { assertComplete, assertOpens, files, filesBelow, never, newer, outcomeOf } from "./version-files.js";

/** Publishes one version and waits for it. */
export async function published(stage: SourceStage, sightings: Sightings, version: bigint): Promise<Artifact> {
  await stage.publish(version, files);
  const [artifact] = await sightings.until(version);
  assert.ok(artifact);
  return artifact;
}

/** What `open` owes. */
export function openingLaws({ law, under }: SourceLaws): void {
  law("open gives a complete path, every time, to several callers at once", async (stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    const paths = await Promise.all([1, 2, 3].map(() => artifact.open(never())));
    for (const path of [...paths, await artifact.open(never())]) await assertComplete(path, files);
  });

  law("what one of two has released is there for the other, and can be opened again", async (stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    const [path] = await Promise.all([artifact.open(never()), artifact.open(never())]);
    artifact.release?.();
    await assertComplete(path, files);
    artifact.release?.();
    await assertOpens(artifact, files);
  });

  law("open rejects when it is aborted, and works afterwards", async (stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    await assert.rejects(artifact.open(AbortSignal.abort()));
    await assertOpens(artifact, files);
  });

  law("open rejects when the version is gone, saying so", async (stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    await stage.remove(7n);
    await sightings.until();
    assert.deepEqual(await outcomeOf(artifact.open(never())), { code: "NOT_FOUND" });
  });

  under("hold", "an open under way shows nobody a part of the version", async (hold, stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    const held = await hold();
    const opening = artifact.open(never());
    await held.begun;
    const during = await filesBelow(stage.folder ?? "");
    await held.go();
    const path = await opening;
    await assertComplete(path, files);
    const seen = [...during.keys()].filter((each) => each.startsWith(path + sep));
    assert.deepEqual(seen, [], "files at the path that open gave, while it was still under way");
  });

  under("hold", "an open that is aborted under way rejects at once, and such leave no more and more", async (...on) => {
    const [hold, stage, sightings] = on;
    const artifact = await published(stage, sightings, 7n);
    const left: number[] = [];
    // For each file what can be resumed, and a note about it; which of them there are depends on how far it had come.
    const most = 2 * Object.keys(files).length + 2;
    for (let round = 0; round < most + 2; round++) {
      const held = await hold();
      const end = new AbortController();
      const opening = assert.rejects(artifact.open(end.signal));
      await held.begun;
      end.abort();
      await opening;
      await held.go();
      left.push((await filesBelow(stage.folder ?? "")).size);
    }
    assert.ok(Math.max(...left) <= most, `files left after each round: ${left}`);
    await assertOpens(artifact, files);
  });

  under("hold", "one of two openers that is aborted takes nothing from the other", async (hold, stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    const held = await hold();
    const end = new AbortController();
    const leaving = assert.rejects(artifact.open(end.signal));
    const staying = artifact.open(never());
    await held.begun;
    end.abort();
    await leaving;
    await held.go();
    await assertComplete(await staying, files);
  });

  under("hold", "a version that is removed while it is opened is had whole or not found", async (...on) => {
    const [hold, stage, sightings] = on;
    const artifact = await published(stage, sightings, 7n);
    const held = await hold();
    const opening = outcomeOf(artifact.open(never()));
    await held.begun;
    await stage.remove(7n);
    await held.go();
    const outcome = await opening;
    if ("path" in outcome) await assertComplete(outcome.path, files);
    else assert.equal(outcome.code, "NOT_FOUND");
    await sightings.until();
  });

  under("hold", "a version that changes while it is opened is never mixed", async (hold, stage, sightings) => {
    const artifact = await published(stage, sightings, 7n);
    const held = await hold();
    const opening = outcomeOf(artifact.open(never()));
    await held.begun;
    await stage.publish(7n, newer);
    await held.go();
    const outcome = await opening;
    if ("path" in outcome) {
      await assertComplete(outcome.path, files).catch(() => assertComplete(outcome.path, newer));
    }
  });

  under("forge", "other bytes than were announced are refused, and nothing of them is kept", async (...on) => {
    const [forge, stage, sightings] = on;
    const artifact = await published(stage, sightings, 7n);
    const before = await filesBelow(stage.folder ?? "");
    const fault = await forge(7n);
    assert.deepEqual(await outcomeOf(artifact.open(never())), { code: "DATA_LOSS" });
    const after = await filesBelow(stage.folder ?? "");
    // Of the files beside it something may have come and be kept, and notes about that.
    const genuine = Object.values(files).map((content) => Buffer.from(content));
    const kept: string[] = [];
    for (const [path, size] of after) {
      if (before.has(path) || !genuine.some(({ length }) => length === size)) continue;
      const content = await readFile(path).catch(() => genuine[0]!);
      if (!genuine.some((each) => each.equals(content))) kept.push(path);
    }
    assert.deepEqual(kept, [], "files left by what was refused");
    await fault.repair();
    await assertOpens(artifact, files);
  });
}
