/** A version that a source has seen, not yet brought to this machine. */
export type Artifact = {
  readonly version: bigint;
  /** Where it is, for people and logs. */
  readonly uri: string;
  /**
   * A version whose load has failed is tried again when it comes with another text than it had: its files are others, or
   * can be had again. One that is loaded stays as it is.
   */
  readonly attempt?: string | undefined;
  /**
   * Brings the version to local disk and returns its folder or file. Runs inside LOADING: retried, cancellable,
   * atomic (a path that is returned is complete).
   */
  open(signal: AbortSignal): Promise<string>;
  /**
   * Called once for each `open` that resolved, when what it returned is in use no more: its version is unloaded, or could
   * not be loaded. `spoiled` when its files may be why: what is not sure to be what was announced is better brought anew.
   */
  release?(end?: { readonly spoiled: boolean }): void;
};

/** Law: each sighting is the whole truth for that model; an empty list means "unload all". */
export type Sighting = { readonly model: string; readonly versions: readonly Artifact[] };

/** Law: a source reports what is there and decides nothing; trouble in looking is logged and changes nothing. */
export interface Source extends AsyncDisposable {
  /** Yields the first sighting as soon as it knows, then one at each change, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncIterable<Sighting>;
}
