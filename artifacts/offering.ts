import { type Artifact, type ArtifactCache, type Brought, invalidArgument, type RemoteVersion } from "../core/index.js";
import type { ListedVersion } from "./listing.js";
import type { RemotePlace } from "./remote-place.js";
import type { SecondChances } from "./second-chances.js";

/** What a remote source offers, as artifacts that bring it here. */
export interface Offering {
  /** Exactly these are offered from now on. */
  update(versions: readonly ListedVersion[]): readonly Artifact[];
  /** Whether it could be opened without asking its place. */
  isHeld(version: ListedVersion): Promise<boolean>;
}

export function offering(
  model: string,
  place: RemotePlace,
  cache: ArtifactCache,
  chances: Pick<SecondChances, "tried" | "attemptOf">,
): Offering {
  const latest = new Map<bigint, ListedVersion>();
  const artifacts = new Map<bigint, Artifact>();

  const remote = ({ version, uri, files }: ListedVersion): RemoteVersion => ({
    model,
    version,
    uri,
    files: files.map((file) => ({ ...file, fetch: (offset, signal) => place.fetch(file, offset, signal) })),
  });

  /** An artifact that opens what is offered then: files that took the place of others are found by the next attempt. */
  const artifact = (first: ListedVersion): Artifact => {
    const releases: Brought["release"][] = [];
    return {
      version: first.version,
      uri: first.uri,
      attempt: chances.attemptOf(first),
      async open(signal) {
        signal.throwIfAborted();
        const now = latest.get(first.version) ?? first;
        if (now.refused !== undefined) throw invalidArgument(now.refused);
        try {
          const { path, release } = await cache.bring(remote(now), signal);
          chances.tried(first.version, undefined);
          releases.push(release);
          return path;
        } catch (error) {
          if (!signal.aborted) chances.tried(first.version, error);
          throw error;
        }
      },
      release: (end) => releases.shift()?.(end),
    };
  };

  return {
    update(versions) {
      latest.clear();
      for (const each of versions) latest.set(each.version, each);
      for (const gone of artifacts.keys()) if (!latest.has(gone)) artifacts.delete(gone);
      return versions.map((each) => {
        const known = artifacts.get(each.version);
        if (known?.attempt === chances.attemptOf(each)) return known;
        const made = artifact(each);
        artifacts.set(each.version, made);
        return made;
      });
    },
    isHeld: async (version) => version.refused === undefined && (await cache.has(remote(version))),
  };
}
