import type { Servable } from "./servable.js";

/**
 * Groups concurrent runs. Laws: a batcher is a Servable around a Servable; rows never cross between callers; every
 * run ends exactly once; disposing the wrapper finishes what is queued, then disposes the inner servable.
 */
export interface Batcher {
  wrap(inner: Servable): Servable;
}
