import type { Artifact } from "../source.js";
import type { VersionPolicy } from "../version-policy.js";
import type { LiveVersion } from "./live-version.js";
import type { LoadPlan } from "./load.js";
import { chooseVersions, type VersionChoice } from "./version-choice.js";

export type ManagedModel = LoadPlan & {
  readonly versions: VersionChoice;
  readonly policy: VersionPolicy;
  readonly labels: ReadonlyMap<string, bigint>;
};

/** What the manager knows of one model; only the manager changes it. */
export type Entry = {
  model: ManagedModel;
  readonly live: Map<bigint, LiveVersion>;
  /** The last sighting; absent before the first one, and before the first one of another place. */
  seen: readonly Artifact[] | undefined;
  aspired: ReadonlyMap<bigint, Artifact>;
  /** What is aspired is of the place before. */
  repointed: boolean;
  /** Versions whose load failed get another chance with the next aspirations. */
  retryFailed: boolean;
  removed?: { readonly done: Promise<void>; readonly resolve: () => void };
};

export function newEntry(model: ManagedModel): Entry {
  return { model, live: new Map(), seen: undefined, aspired: new Map(), repointed: false, retryFailed: false };
}

/**
 * What should live, from what was seen. Absent when that is to stay as it is: nothing was seen, or only nothing at
 * the new place of a model that was repointed, which is no reason to give up the old one.
 */
export function aspirations({ seen, model, repointed }: Entry): ReadonlyMap<bigint, Artifact> | undefined {
  if (!seen) return undefined;
  const byVersion = new Map(seen.map((artifact) => [artifact.version, artifact]));
  const chosen = chooseVersions(model.versions, [...byVersion.keys()]);
  if (repointed && chosen.length === 0) return undefined;
  return new Map(chosen.map((version) => [version, byVersion.get(version) as Artifact]));
}
