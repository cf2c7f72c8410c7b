import type { Servable } from "./servable.js";

export type Resources = {
  /** Main memory in bytes, an upper bound. */
  readonly memory: number;
};

/** A version on local disk, complete, about to be loaded. */
export type LocalVersion = {
  readonly model: string;
  readonly version: bigint;
  /** The version's folder, or a single file where the source offers one. */
  readonly path: string;
};

/**
 * Brings one version into memory.
 * Laws: cheap to make; `estimate` is an upper bound and never grows; `load` does all the work, off the event loop,
 * leaves nothing behind when it fails, and may be called again after a failure.
 */
export interface Loader {
  estimate(): Promise<Resources>;
  /** @throws ServingError; its message becomes the version's status */
  load(signal: AbortSignal): Promise<Servable>;
}
