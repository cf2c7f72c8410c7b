import type { Pace } from "../pace.js";
import { RegexError } from "./ast.js";
import { compileRegex } from "./compile.js";
import { parseRegex } from "./parse.js";
import { createRunSearcher } from "./runs.js";
import { createSearcher } from "./search.js";

/** Bytes that are looked at before the clock is. */
export const SHORT = 4096;

/** Where the groups of a match begin and end. */
export type Match = Int32Array;

export interface Matcher {
  /** How many groups the pattern has. */
  readonly groups: number;
  /** The first match at or behind `from`. Holds the event loop: for texts of up to SHORT bytes. */
  findNow(text: Uint8Array, from: number): Match | undefined;
  /** The same for any text. The event loop turns in between when it takes long. */
  find(text: Uint8Array, from: number, pace: Pace): Promise<Match | undefined>;
}

/**
 * A pattern in RE2's syntax. It matches bytes as RE2 does, in a time that is linear in the text.
 * @throws RegexError for what is not carried over
 */
export function createMatcher(pattern: string, whole = false): Matcher {
  const { regex, groups } = parseRegex(pattern);
  const bounded = whole
    ? {
        kind: "all" as const,
        parts: [
          { kind: "assert" as const, what: "start" as const },
          regex,
          { kind: "assert" as const, what: "end" as const },
        ],
      }
    : regex;
  const searcher = createRunSearcher(bounded) ?? createSearcher(compileRegex(bounded, groups));
  return {
    groups,
    findNow: (text, from) => {
      const search = searcher.begin(text, from);
      while (!search.advance(text.length + 1));
      return search.match;
    },
    find: async (text, from, pace) => {
      const search = searcher.begin(text, from);
      while (!search.advance(SHORT)) await pace.breathe();
      return search.match;
    },
  };
}

/** A rewrite, as RE2 has it: text, and the numbers of groups. @throws RegexError */
export function parseRewrite(rewrite: Uint8Array, groups: number): readonly (number | Uint8Array)[] {
  const parts: (number | Uint8Array)[] = [];
  let from = 0;
  for (let at = 0; at < rewrite.length; at++) {
    if (rewrite[at] !== 0x5c) continue;
    if (at > from) parts.push(rewrite.slice(from, at));
    const next = rewrite[++at];
    if (next === 0x5c) parts.push(Uint8Array.of(0x5c));
    else if (next !== undefined && next >= 48 && next <= 48 + Math.min(9, groups)) parts.push(next - 48);
    else throw new RegexError("its rewrite uses a group that the pattern has not");
    from = at + 1;
  }
  if (from < rewrite.length) parts.push(rewrite.slice(from));
  return parts;
}
