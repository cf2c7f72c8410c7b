import type { Artifact, Sighting, Source } from "../source.js";

/** A source's sightings, read one at a time. */
export interface Sightings extends AsyncDisposable {
  /** The next sighting; `undefined` once the source has ended. */
  next(): Promise<Sighting | undefined>;
  /**
   * Reads on until a sighting has exactly these versions, and gives its artifacts.
   * @throws Error when the source ends before
   */
  until(...versions: readonly bigint[]): Promise<readonly Artifact[]>;
  /** Every sighting so far, also those not taken yet. */
  readonly seen: readonly Sighting[];
}

/** The versions of a sighting in ascending order, for comparing. */
export function versionsOf(sighting: Sighting): bigint[] {
  return sighting.versions.map((each) => each.version).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Watches `source` until disposed, or until `signal` aborts; it reads on also while nobody calls `next`. */
export function readSightings(source: Source, signal?: AbortSignal): Sightings {
  const end = new AbortController();
  const seen: Sighting[] = [];
  let taken = 0;
  let ended = false;
  let wake = () => {};

  const read = async () => {
    try {
      for await (const sighting of source.watch(signal ? AbortSignal.any([signal, end.signal]) : end.signal)) {
        seen.push(sighting);
        wake();
      }
    } finally {
      ended = true;
      wake();
    }
  };
  const reading = read();
  // Told to whoever reads or disposes; not to the process while nobody does.
  reading.catch(() => {});

  const next = async () => {
    while (taken === seen.length && !ended) await new Promise<void>((resolve) => (wake = resolve));
    if (taken === seen.length) await reading;
    return seen[taken++];
  };
  return {
    seen,
    next,
    async until(...versions) {
      const wanted = [...versions].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join();
      for (;;) {
        const sighting = await next();
        if (!sighting) throw new Error(`the source ended before it saw [${wanted}]`);
        if (versionsOf(sighting).join() === wanted) return sighting.versions;
      }
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      await reading;
    },
  };
}
