import type { CodeName } from "../errors.js";
import type { VersionStatus } from "../frontend.js";
import type { Artifact } from "../source.js";
import type { Phase } from "../version-policy.js";
import type { Loaded } from "./load.js";
import { stateOf } from "./phase.js";
import type { Route } from "./routing-table.js";

/** A version that is loaded, for people. */
export type LoadedVersion = VersionStatus & {
  readonly model: string;
  readonly type?: string;
  readonly engine?: string;
  readonly signatures: readonly string[];
  readonly loadMs?: number;
};

/** What the manager knows of one version; only the manager changes it. */
export type LiveVersion = {
  readonly version: bigint;
  readonly artifact: Artifact;
  readonly cancel: AbortController;
  phase: Phase;
  /** Requests can reach it. */
  published: boolean;
  /** Why it ended; while it is loaded and cannot be reached, why not. */
  code: CodeName;
  message: string;
  /** Set while loaded. */
  loaded?: Loaded & { readonly loadMs: number };
};

export function newLiveVersion(artifact: Artifact): LiveVersion {
  return {
    version: artifact.version,
    artifact,
    cancel: new AbortController(),
    phase: "new",
    published: false,
    code: "OK",
    message: "",
  };
}

/** A version that is loaded and cannot be reached is LOADING still, as its clients see it. */
export function statusOf({ version, phase, published, code, message }: LiveVersion): VersionStatus {
  const state = phase === "ready" && !published ? "LOADING" : stateOf[phase];
  return { version, state, code, message };
}

export function routeTo(version: bigint, { wrapped }: Loaded): Route {
  const { layer } = wrapped;
  return { version, servable: layer.servable, wrapped: layer.wrapped, hold: layer.holds.hold };
}

export function describe(model: string, live: LiveVersion): LoadedVersion {
  const base = { model, ...statusOf(live) };
  if (!live.loaded) return { ...base, signatures: [] };
  const { type, wrapped, loadMs } = live.loaded;
  const { engine, signatures } = wrapped.layer.servable;
  return { ...base, type, signatures: Object.keys(signatures), loadMs, ...(engine === undefined ? {} : { engine }) };
}
