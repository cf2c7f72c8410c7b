import type { Regex } from "./ast.js";
import type { Searcher } from "./search.js";

const ASCII = 0x7f;

/** The bytes of a set of ASCII characters; undefined for what is more than one of such a set, or as many as there are. */
function bytesOf(regex: Regex): { readonly set: Uint8Array; readonly many: boolean } | undefined {
  if (regex.kind === "repeat") {
    const { inner, min, max, greedy } = regex;
    const one = min === 1 && max === Number.POSITIVE_INFINITY && greedy ? bytesOf(inner) : undefined;
    return one && !one.many ? { ...one, many: true } : undefined;
  }
  if (regex.kind !== "set" || regex.ranges.some(([, high]) => high > ASCII)) return undefined;
  const set = new Uint8Array(256);
  for (const [low, high] of regex.ranges) set.fill(1, low, high + 1);
  return { set, many: false };
}

/**
 * Searches for one ASCII character of a set, or a run of them, as most patterns in models do: much faster than threads.
 * undefined for other patterns.
 */
export function createRunSearcher(regex: Regex): Searcher | undefined {
  const bytes = bytesOf(regex);
  if (!bytes) return undefined;
  const { set, many } = bytes;
  return {
    begin: (text, from) => {
      let start = from;
      let end = -1;
      return {
        get match() {
          return end < 0 ? undefined : Int32Array.of(start, end);
        },
        advance: (count) => {
          let at = end < 0 ? start : end;
          const stop = Math.min(text.length, at + count);
          if (end < 0) {
            while (at < stop && set[text[at]!] === 0) at++;
            start = at;
            if (at === stop) return at === text.length;
            end = ++at;
            if (!many) return true;
          }
          while (at < stop && set[text[at]!] === 1) at++;
          end = at;
          return at < stop || at === text.length;
        },
      };
    },
  };
}
