import type { Fetched } from "../core/index.js";
import type { ListedFile, ListedVersion } from "./listing.js";

/** A place where versions of one model lie, out of this machine's reach. */
export interface RemotePlace {
  /** For people. */
  readonly uri: string;
  /** What was seen there is remembered under this: the place, and all that decides what counts there. */
  readonly memory: string;
  /** Where a version should be, for people: `a numeric prefix such as s3://models/ctr/1/`. */
  readonly wanted: string;
  /** What says that a version is complete, for people, such as `_SUCCESS` or `versions.json`; absent where nothing does. */
  readonly completedBy?: string | undefined;
  /**
   * All versions that are there now. `settled` were offered as they were found last; they may be given back as they are
   * without another look at their files.
   * @throws ServingError; where the place said when to come back, made by `withRetryAfter`
   */
  look(signal: AbortSignal, settled: ReadonlyMap<bigint, ListedVersion>): Promise<readonly ListedVersion[]>;
  /** @throws ServingError as `RemoteFile.fetch` */
  fetch(file: ListedFile, offset: number, signal: AbortSignal): Promise<Fetched>;
}

export type LookRules = {
  /** Milliseconds between two looks, a tenth more or less; 0: no more once one has succeeded and nothing is changing. */
  readonly poll: number;
  /** How many looks in a row must find a version unchanged, where nobody says that it is complete. */
  readonly settle: number;
};
