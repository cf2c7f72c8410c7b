import type { LocalVersion } from "./loader.js";
import type { Servable } from "./servable.js";

/**
 * Groups concurrent runs. Laws: a batcher is a Servable around a Servable, or that Servable itself; rows never cross
 * between callers; every run ends exactly once; disposing the wrapper finishes what is queued, then disposes the inner
 * servable; told to hurry it waits for nothing any more, and passes that on. When `wrap` fails, the version fails to
 * load, or keeps the wrapper that it has, and the inner servable is not the batcher's to dispose. A version whose model's
 * batching changes is wrapped anew while the wrapper before still runs what it has.
 */
export interface Batcher {
  wrap(inner: Servable, version: LocalVersion): Servable | Promise<Servable>;
}
