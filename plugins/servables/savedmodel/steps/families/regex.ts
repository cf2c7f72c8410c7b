import { tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import type { Pace } from "../pace.js";
import { LAST } from "../regex/ast.js";
import { createMatcher, type Match, type Matcher, parseRewrite } from "../regex/regex.js";
import { EMPTY, isTrail, joined, stringsOf } from "../strings.js";
import { blank } from "../tensors.js";

export type Replacement = { readonly pattern: string; readonly rewrite: Uint8Array; readonly global: boolean };

/** The bytes of the character at `at`, surrogates included; 1 where there is no whole one. */
function characterLength(text: Uint8Array, at: number): number {
  const first = text[at]!;
  const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1;
  if (length === 1) return 1;
  let point = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    if (!isTrail(text[at + i])) return 1;
    point = (point << 6) | (text[at + i]! & 0x3f);
  }
  return point >= [0x80, 0x800, 0x10000][length - 2]! && point <= LAST ? length : 1;
}

/** RE2's GlobalReplace: an empty match right behind another one is none. */
async function replaced(
  text: Uint8Array,
  matcher: Matcher,
  rewritten: (text: Uint8Array, match: Match) => readonly Uint8Array[],
  global: boolean,
  pace: Pace,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let at = 0;
  let end = -1;
  while (at <= text.length) {
    const found = matcher.find(text, at, pace);
    const match = found instanceof Promise ? await found : found;
    if (!match) break;
    const [from, to] = [match[0]!, match[1]!];
    parts.push(text.subarray(at, from));
    if (from === end && to === from) {
      const next = Math.min(text.length, from + (from < text.length ? characterLength(text, from) : 1));
      parts.push(text.subarray(from, next));
      at = from === text.length ? from + 1 : next;
      continue;
    }
    parts.push(...rewritten(text, match));
    at = to;
    end = to;
    if (!global) break;
  }
  if (end < 0) return text;
  parts.push(text.subarray(at));
  return joined(parts);
}

/** RegexReplace and StaticRegexReplace. */
export const regexReplaceOp: HostOp<Replacement> = {
  name: "RegexReplace",
  open: ({ pattern, rewrite, global }) => {
    const matcher = createMatcher(pattern);
    const rule = parseRewrite(rewrite, matcher.groups);
    const rewritten = (text: Uint8Array, match: Match) =>
      rule.map((part) => {
        if (typeof part !== "number") return part;
        const [from, to] = [match[2 * part]!, match[2 * part + 1]!];
        return from < 0 || to < 0 ? EMPTY : text.subarray(from, to);
      });
    return async ([given], pace) => {
      const strings = stringsOf(given);
      const { tensor: result, items } = blank("string", given!.shape);
      for (const [i, text] of strings.entries()) {
        items[i] = await replaced(text, matcher, rewritten, global, pace);
        await pace.breathe();
      }
      return [result];
    };
  },
};

/** RegexFullMatch and StaticRegexFullMatch. */
export const regexFullMatchOp: HostOp<{ readonly pattern: string }> = {
  name: "RegexFullMatch",
  open: ({ pattern }) => {
    const matcher = createMatcher(pattern, true);
    return async ([given], pace) => {
      const strings = stringsOf(given);
      const flags = new Uint8Array(strings.length);
      for (const [i, text] of strings.entries()) {
        flags[i] = (await matcher.find(text, 0, pace)) ? 1 : 0;
        await pace.breathe();
      }
      return [tensor("bool", given!.shape, flags)];
    };
  },
};
