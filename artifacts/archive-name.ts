import type { ArchiveKind } from "../core/index.js";

const endings: readonly (readonly [ending: string, kind: ArchiveKind])[] = [
  [".zip", "zip"],
  [".tar", "tar"],
  [".tar.gz", "tar.gz"],
  [".tgz", "tar.gz"],
];

const endingOf = (name: string) => endings.find(([ending]) => name.toLowerCase().endsWith(ending));

/** The kind of archive that a file with this name is; `undefined` for a name of something else. */
export const archiveKindOf = (name: string): ArchiveKind | undefined => endingOf(name)?.[1];

/** `3` of `3.tar.gz`. */
export const withoutEnding = (name: string): string => name.slice(0, name.length - (endingOf(name)?.[0].length ?? 0));
