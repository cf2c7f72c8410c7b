import type { Artifact } from "../source.js";
import type { VersionPolicy } from "../version-policy.js";
import type { LiveVersion } from "./live-version.js";
import type { LoadPlan } from "./load.js";
import type { VersionChoice } from "./version-choice.js";

export type ManagedModel = LoadPlan & {
  readonly versions: VersionChoice;
  readonly policy: VersionPolicy;
  readonly labels: ReadonlyMap<string, bigint>;
  /** Models of one group come and go together; they have the same versions, policy and labels. */
  readonly group?: string | undefined;
};

/** What the manager knows of one model; only the manager changes it. */
export type Entry = {
  model: ManagedModel;
  readonly live: Map<bigint, LiveVersion>;
  /** The last sighting; absent before the first one, and before the first one of another place. */
  seen: readonly Artifact[] | undefined;
  aspired: ReadonlyMap<bigint, Artifact>;
  /** What is aspired was chosen together with the others of its group. */
  joined: boolean;
  /** What is aspired is of the place before. */
  repointed: boolean;
  /** Versions whose load failed get another chance with the next aspirations. */
  retryFailed: boolean;
  removed?: { readonly done: Promise<void>; readonly resolve: () => void };
};

export function newEntry(model: ManagedModel): Entry {
  return {
    model,
    live: new Map(),
    seen: undefined,
    aspired: new Map(),
    joined: false,
    repointed: false,
    retryFailed: false,
  };
}
