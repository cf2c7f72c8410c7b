/** Where a version stands, as its policy sees it. `error`: its load failed for good. `done`: unloaded. */
export type Phase = "new" | "loading" | "ready" | "unloading" | "done" | "error";

export type Snapshot = {
  readonly version: bigint;
  readonly aspired: boolean;
  readonly phase: Phase;
};

export type Action = { readonly kind: "load" | "unload"; readonly version: bigint };

/**
 * Decides the order in which the versions of one model come and go.
 * Laws: pure, stateless, idempotent: the same snapshots give the same action. It loads only aspired versions in
 * phase `new` and unloads only `ready` ones that are not aspired.
 */
export interface VersionPolicy {
  /** The one next step, or nothing to do now. */
  next(versions: readonly Snapshot[]): Action | undefined;
}
