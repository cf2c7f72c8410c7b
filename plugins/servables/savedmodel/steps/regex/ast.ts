/** A set of code points, as ranges in order. */
export type Ranges = readonly (readonly [low: number, high: number])[];

export type Assertion = "start" | "end" | "line start" | "line end" | "word boundary" | "no word boundary";

/** A regular expression, read. */
export type Regex =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "assert"; readonly what: Assertion }
  | { readonly kind: "group"; readonly index: number; readonly inner: Regex }
  | { readonly kind: "all"; readonly parts: readonly Regex[] }
  | { readonly kind: "any"; readonly choices: readonly Regex[] }
  | {
      readonly kind: "repeat";
      readonly inner: Regex;
      readonly min: number;
      /** Infinity for no bound */
      readonly max: number;
      readonly greedy: boolean;
    };

/** Why a pattern is not carried over. */
export class RegexError extends Error {}

export const LAST = 0x10ffff;

/** In order, without overlaps. */
export function union(ranges: Ranges): Ranges {
  const merged: [number, number][] = [];
  for (const [low, high] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

export function complement(ranges: Ranges): Ranges {
  const out: [number, number][] = [];
  let next = 0;
  for (const [low, high] of union(ranges)) {
    if (low > next) out.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST) out.push([next, LAST]);
  return out;
}
