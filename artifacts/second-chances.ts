import { type Clock, type CodeName, toServingError } from "../core/index.js";
import { type ListedVersion, markOf } from "./listing.js";

/** Which versions may be tried again, whose files could not be had although they stayed the same. */
export interface SecondChances {
  /** What has become of an attempt to have a version's files; `undefined` for success. */
  tried(version: bigint, error: unknown): void;
  /** Called once for each look that has succeeded, with all that is offered: whoever is due gets another chance. */
  pass(offered: readonly ListedVersion[]): void;
  /** Another text than before for files that are others, and for another chance. */
  attemptOf(listed: ListedVersion): string;
}

type Record = { failed: boolean; chances: number; due: number };

const longestPause = 900_000;

/** Only other files could help: to fetch the same ones again is in vain. */
const hopeless: ReadonlySet<CodeName> = new Set(["INVALID_ARGUMENT", "FAILED_PRECONDITION", "UNIMPLEMENTED"]);

/** The first chance comes with the next look, later ones after pauses that double, from `first` ms to a quarter of an hour. */
export function secondChances(first: number, clock: Pick<Clock, "now">): SecondChances {
  const records = new Map<bigint, Record>();

  return {
    tried: (version, error) => {
      const failed = error !== undefined && !hopeless.has(toServingError(error).code);
      const known = records.get(version);
      if (known) known.failed = failed;
      else if (failed) records.set(version, { failed, chances: 0, due: 0 });
    },
    pass: (offered) => {
      const versions = new Set(offered.map(({ version }) => version));
      for (const [version, record] of records) {
        if (!versions.has(version)) records.delete(version);
        else if (record.failed && clock.now() >= record.due) {
          record.failed = false;
          record.due = clock.now() + Math.min(longestPause, first * 2 ** record.chances);
          record.chances++;
        }
      }
    },
    attemptOf: (listed) => `${markOf(listed)} ${records.get(listed.version)?.chances ?? 0}`,
  };
}
