import type { Host } from "../host.js";
import type { Artifact, Source } from "../source.js";
import { watchSource } from "./watch-source.js";

/** A source that is being watched. */
export interface SourceWatch {
  readonly source: Source;
  /** Hands on no more sightings from now on. */
  stop(): void;
  /** Stops, and disposes the source. */
  end(): Promise<void>;
}

export function startWatch(source: Source, sight: (versions: readonly Artifact[]) => void, host: Host): SourceWatch {
  const watching = new AbortController();
  const ended = watchSource(source, sight, watching.signal, host);
  return {
    source,
    stop: () => watching.abort(),
    end: async () => {
      watching.abort();
      await ended;
      await source[Symbol.asyncDispose]();
    },
  };
}
