import { tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import type { Pace } from "../pace.js";
import { LAST } from "../regex/ast.js";
import { createMatcher, type Match, type Matcher, parseRewrite, SHORT } from "../regex/regex.js";
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

type Rewrite = (text: Uint8Array, match: Match) => readonly Uint8Array[];

/** RE2's GlobalReplace, match by match: an empty match right behind another one is none. */
function replacing(text: Uint8Array, rewrite: Rewrite, global: boolean) {
  const parts: Uint8Array[] = [];
  let at = 0;
  let end = -1;
  return {
    /** Where to look for the next match; undefined when there is no need to. */
    next: (): number | undefined => (at <= text.length && (global || end < 0) ? at : undefined),
    take: (match: Match | undefined): void => {
      if (match === undefined) {
        if (end >= 0) parts.push(text.subarray(at));
        at = text.length + 1;
        return;
      }
      const [from, to] = [match[0]!, match[1]!];
      parts.push(text.subarray(at, from));
      if (from === end && to === from) {
        at = from + (from < text.length ? characterLength(text, from) : 1);
        parts.push(text.subarray(from, at));
        return;
      }
      parts.push(...rewrite(text, match));
      at = to;
      end = to;
    },
    result: (): Uint8Array => {
      if (end < 0) return text;
      if (at < text.length) parts.push(text.subarray(at));
      return joined(parts);
    },
  };
}

async function replacedSlowly(work: ReturnType<typeof replacing>, text: Uint8Array, matcher: Matcher, pace: Pace) {
  for (let from = work.next(); from !== undefined; from = work.next()) {
    work.take(await matcher.find(text, from, pace));
    await pace.breathe();
  }
  return work.result();
}

function replacedNow(work: ReturnType<typeof replacing>, text: Uint8Array, matcher: Matcher): Uint8Array {
  for (let from = work.next(); from !== undefined; from = work.next()) work.take(matcher.findNow(text, from));
  return work.result();
}

/** RegexReplace and StaticRegexReplace. */
export const regexReplaceOp: HostOp<Replacement> = {
  name: "RegexReplace",
  open: ({ pattern, rewrite, global }) => {
    const matcher = createMatcher(pattern);
    const rule = parseRewrite(rewrite, matcher.groups);
    const rewritten: Rewrite = (text, match) =>
      rule.map((part) => {
        if (typeof part !== "number") return part;
        const [from, to] = [match[2 * part]!, match[2 * part + 1]!];
        return from < 0 || to < 0 ? EMPTY : text.subarray(from, to);
      });
    return async ([given], pace) => {
      const strings = stringsOf(given);
      const { tensor: result, items } = blank("string", given!.shape);
      const work = (text: Uint8Array) => replacing(text, rewritten, global);
      await pace.each(strings.length, (i) => {
        const text = strings[i]!;
        if (text.length <= SHORT) items[i] = replacedNow(work(text), text, matcher);
      });
      for (const [i, text] of strings.entries()) {
        if (text.length > SHORT) items[i] = await replacedSlowly(work(text), text, matcher, pace);
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
      await pace.each(strings.length, (i) => {
        const text = strings[i]!;
        if (text.length <= SHORT) flags[i] = matcher.findNow(text, 0) ? 1 : 0;
      });
      for (const [i, text] of strings.entries()) {
        if (text.length > SHORT) flags[i] = (await matcher.find(text, 0, pace)) ? 1 : 0;
      }
      return [tensor("bool", given!.shape, flags)];
    };
  },
};
