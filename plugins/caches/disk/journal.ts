import { appendFile, readFile, rm } from "node:fs/promises";
import { isMissing } from "./system-errors.js";

/** Which files of a version have come, and what their bytes turned out to be: for an attempt after one that failed. */
export interface Journal {
  sha256Of(key: string): string | undefined;
  note(key: string, sha256: string): Promise<void>;
  drop(): Promise<void>;
}

/** A line that a crash has cut short is none. */
const line = /^([0-9a-f]{64}) ([0-9a-f]{64})$/gm;

export async function openJournal(path: string): Promise<Journal> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (isMissing(error)) return "";
    throw error;
  });
  const known = new Map([...text.matchAll(line)].map(([, key = "", sha256 = ""]) => [key, sha256]));
  return {
    sha256Of: (key) => known.get(key),
    note: (key, sha256) => appendFile(path, `${key} ${sha256}\n`),
    drop: () => rm(path, { force: true }),
  };
}
