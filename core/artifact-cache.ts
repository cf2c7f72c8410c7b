import { token } from "./container.js";

/** What a remote place answers when a file is asked of it. */
export type Fetched = {
  /** Where `bytes` begin in the file: where it was asked to, or 0 at a place that cannot. */
  readonly offset: number;
  /** Of the whole file, where the place says it. */
  readonly size?: number | undefined;
  /** Of the whole file, where the place says it: bytes of two ETags are never put together. */
  readonly etag?: string | undefined;
  /** Ends at the end of the file; throws where the connection breaks, and soon after the signal of its `fetch` aborts. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** A folder packed into one file. */
export type ArchiveKind = "zip" | "tar" | "tar.gz";

/** One file of a version, where it is. What is known of it beforehand is checked, and names it in the cache. */
export type RemoteFile = {
  /** Inside the version's folder, segments joined by "/"; of an archive, the folder that it is unpacked into, "" for the version's own. */
  readonly path: string;
  readonly size?: number | undefined;
  readonly etag?: string | undefined;
  /** Of its bytes (of an archive, as packed), lower-case hexadecimal. */
  readonly sha256?: string | undefined;
  /** The file is unpacked; a single folder at its top is left out. */
  readonly archive?: ArchiveKind | undefined;
  /**
   * Asks for the bytes from `offset` on, of the file that has `etag` still.
   * @throws ServingError NOT_FOUND when it is gone, ABORTED when it is another by now, UNAVAILABLE when it may be had later,
   * PERMISSION_DENIED or UNAUTHENTICATED when not by us
   */
  fetch(offset: number, signal: AbortSignal): Promise<Fetched>;
};

/** A version that lives elsewhere. */
export type RemoteVersion = {
  readonly model: string;
  readonly version: bigint;
  /** Where it is, for people; files without a SHA-256 that are alike in their marks are still two at two places. */
  readonly uri: string;
  readonly files: readonly RemoteFile[];
};

/** A version that is on this machine now. */
export type Brought = {
  /** A folder, complete, that nobody writes to any more. */
  readonly path: string;
  /**
   * It is in use no more, as far as who asked for it is concerned. Safe to call twice. `spoiled` when it could not be
   * loaded: unless each file had a SHA-256, it is kept for nobody but those who use it still.
   */
  release(end?: { readonly spoiled: boolean }): void;
};

/**
 * Keeps remote versions on this machine.
 *
 * Laws: a path that is handed out is complete and stays until it is released, whatever other processes do; what is being
 * fetched can be seen by nobody; an attempt that fails or is aborted leaves nothing but what a later one can resume.
 */
export interface ArtifactCache {
  /**
   * Brings a version here, unless it is here already; who asks for one that is under way shares it.
   * @throws ServingError as `RemoteFile.fetch`; DATA_LOSS when what came is damaged or not what was announced;
   * RESOURCE_EXHAUSTED when the disk has no room; FAILED_PRECONDITION when the quota is too small for it; INVALID_ARGUMENT
   * for names and archives that nobody may unpack
   */
  bring(version: RemoteVersion, signal: AbortSignal): Promise<Brought>;
  /** Whether `bring` could do without fetching. */
  has(version: RemoteVersion): Promise<boolean>;
  /** Keeps a text about a place, such as what was last seen there, for later processes; replaces the one before. */
  remember(place: string, text: string): Promise<void>;
  remembered(place: string): Promise<string | undefined>;
}

export const ArtifactCacheToken = token<ArtifactCache>("ArtifactCache");

/** The config's `cache`. */
export type CacheSettings = {
  /** The folder. */
  readonly path: string;
  /** The most bytes that it should hold; what is in use stays all the same. */
  readonly quota: number | undefined;
};

export const CacheSettingsToken = token<CacheSettings>("CacheSettings");
