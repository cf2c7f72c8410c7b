import type { Lease } from "./frontend.js";
import type { LocalVersion } from "./loader.js";

/** A version that is loaded and not yet available, asked as its clients will ask it, with the same checks. */
export type WarmupTarget = Pick<Lease, "signatures" | "predict" | "classify" | "regress" | "multiInference">;

/**
 * Runs requests through a version before its clients do, so that none of them pays for first times.
 *
 * Laws: keeps nothing of the target after `run`; may be called for several versions at once. When it fails, the load
 * has failed: what should not stop a version is logged, not thrown.
 */
export interface Warmup {
  /** @throws ServingError; its message becomes the version's status */
  run(target: WarmupTarget, version: LocalVersion, signal: AbortSignal): Promise<void>;
}
