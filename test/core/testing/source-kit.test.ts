import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Artifact, Source } from "salver";
import { describeSource, type SourceStage } from "salver/testing";
import { describe, expect, test } from "vitest";
import { writeFiles } from "../../plugins/sources/filesystem/stage.js";
import { broken, runKit } from "./collect.js";

type Flaws = {
  readonly repeats?: boolean;
  readonly throwsOnAbort?: boolean;
  readonly opensNothing?: boolean;
};

/** A source over a map in memory, with flaws on demand. */
async function openMemory(flaws: Flaws = {}): Promise<SourceStage> {
  const root = await mkdtemp(join(tmpdir(), "salver-"));
  const versions = new Map<bigint, Artifact>();
  const disposed = new AbortController();
  let tell = () => {};
  let changed = Promise.resolve();
  const change = () => {
    tell();
    changed = new Promise((resolve) => {
      tell = resolve;
    });
  };
  change();
  const source: Source = {
    async *watch(outer) {
      const signal = AbortSignal.any([outer, disposed.signal]);
      const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      while (!signal.aborted) {
        const next = changed;
        const sighting = { model: "memory", versions: [...versions.values()] };
        yield sighting;
        if (flaws.repeats) yield sighting;
        if (!signal.aborted) await Promise.race([next, ended]);
      }
      if (flaws.throwsOnAbort) throw new Error("aborted");
    },
    [Symbol.asyncDispose]: async () => disposed.abort(),
  };
  return {
    source,
    model: "memory",
    async publish(version, files) {
      const folder = join(root, `${version}`);
      await writeFiles(folder, files);
      const open = async (signal: AbortSignal) => {
        signal.throwIfAborted();
        if (!versions.has(version)) throw new Error("gone");
        return flaws.opensNothing ? join(folder, "nowhere") : folder;
      };
      versions.set(version, { version, uri: `memory:${version}`, open });
      change();
    },
    async remove(version) {
      versions.delete(version);
      change();
    },
    litter: async () => {},
    async [Symbol.asyncDispose]() {
      disposed.abort();
      await rm(root, { recursive: true });
    },
  };
}

const exempt = { publishSlowly: "a map takes a version whole", breakDown: "a map cannot be unreachable" };
describeSource({ describe, test }, "in memory", { open: openMemory, exempt });

test.each<[string, Flaws, RegExp]>([
  ["repeats itself", { repeats: true }, /only|first sighting|whole truth/],
  ["throws when it is aborted", { throwsOnAbort: true }, /abort ends/],
  ["opens what is not there", { opensNothing: true }, /complete path/],
])("a source that %s is found out", async (_, flaws, law) => {
  const kit = await runKit((runner) => describeSource(runner, "broken", { open: () => openMemory(flaws), exempt }));
  expect(broken(kit).join("\n")).toMatch(law);
});

test("a stage without faults has to say why", async () => {
  const kit = await runKit((runner) => describeSource(runner, "lazy", { open: openMemory }));
  expect(broken(kit)).toHaveLength(2);
});
