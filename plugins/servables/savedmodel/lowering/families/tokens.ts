import { regexFullMatchOp, regexReplaceOp } from "../../steps/families/regex.js";
import { ngramsOp, splitAtAnyOp, splitOp } from "../../steps/families/split.js";
import { type Mending, unicodeDecodeOp, unicodeEncodeOp, unicodeTranscodeOp } from "../../steps/families/unicode.js";
import { RegexError } from "../../steps/regex/ast.js";
import { createMatcher, parseRewrite } from "../../steps/regex/regex.js";

import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { oneOf, pointwise } from "./strings.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The one string of a constant input. */
function knownBytes(c: RuleContext, index: number, what: string): Uint8Array {
  const { dtype, data } = c.known(index, what);
  const [item] = dtype === "string" ? data : [];
  return data.length === 1 && item ? item : c.refuse(`${what} is not one string`);
}

function utf8(c: RuleContext, bytes: Uint8Array, what: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    return c.refuse(`${what} is no UTF-8`);
  }
}

const knownText = (c: RuleContext, index: number, what: string) => utf8(c, knownBytes(c, index, what), what);

/** Has a pattern read, so that one that is not carried over refuses the node. */
function checked<T>(c: RuleContext, pattern: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return c.refuse(`its pattern ${JSON.stringify(pattern)}: ${error.message}`);
  }
}

function replace(c: RuleContext, pattern: string, rewrite: Uint8Array): Value {
  checked(c, pattern, () => parseRewrite(rewrite, createMatcher(pattern).groups));
  const global = c.attrs.flag("replace_global", true);
  const value = c.input(0);
  return c.value(c.host(regexReplaceOp, { pattern, rewrite, global }, [value])[0]!, value.shape);
}

function fullMatch(c: RuleContext, pattern: string): Value {
  checked(c, pattern, () => createMatcher(pattern, true));
  const value = c.input(0);
  return c.value(c.host(regexFullMatchOp, { pattern }, [value])[0]!, value.shape);
}

/** The parts of a sparse tensor of rows: indices in order and within the shape, values, shape. */
export const sparseResults = (c: RuleContext, names: readonly string[], first = 0): readonly Value[] => [
  { ...c.value(names[0]!, [-1, 2], { output: first, certain: true }), sparse: true },
  c.value(names[1]!, [-1], { output: first + 1, certain: true }),
  c.value(names[2]!, [2], { output: first + 2, certain: true }),
];

function ngrams(c: RuleContext): readonly Value[] {
  const [data, splits] = [c.input(0), c.input(1)];
  const widths = c.attrs.ints("ngram_widths");
  if (widths.length === 0 || widths.some((width) => width < 1)) c.refuse(`its widths are [${widths}]`);
  const plan = {
    separator: c.attrs.bytes("separator"),
    widths,
    left: c.attrs.bytes("left_pad"),
    right: c.attrs.bytes("right_pad"),
    pads: c.attrs.int("pad_width"),
    keepShort: c.attrs.flag("preserve_short_sequences"),
  };
  const names = c.host(ngramsOp, plan, [data, splits]);
  return [c.value(names[0]!, [-1]), c.value(names[1]!, splits.shape, { output: 1 })];
}

const REPLACEMENT = 0xfffd;

function mending(c: RuleContext): Mending {
  const errors = oneOf(c, "errors", ["strict", "replace", "ignore"] as const, "replace");
  if (c.attrs.flag("replace_control_characters", false)) c.refuse("it replaces control characters");
  return { errors, replacement: c.attrs.int("replacement_char", REPLACEMENT) };
}

function decode(c: RuleContext): readonly Value[] {
  oneOf(c, "input_encoding", ["UTF-8"] as const, "UTF-8");
  const splits = c.dtypes[0] === "int32" ? "int32" : "int64";
  const value = c.input(0);
  const names = c.host(unicodeDecodeOp, { ...mending(c), splits }, [value], [splits, "int32", "int64"]);
  const rows = c.value(names[0]!, [-1], { certain: true });
  return [rows, ...c.dtypes.slice(1).map((_, i) => c.value(names[i + 1]!, [-1], { output: i + 1, certain: true }))];
}

export const tokenRules: Rules = {
  StaticRegexReplace: (c) => replace(c, utf8(c, c.attrs.bytes("pattern"), "its pattern"), c.attrs.bytes("rewrite")),
  RegexReplace: (c) => replace(c, knownText(c, 1, "its pattern"), knownBytes(c, 2, "its rewrite")),
  StaticRegexFullMatch: (c) => fullMatch(c, utf8(c, c.attrs.bytes("pattern"), "its pattern")),
  RegexFullMatch: (c) => fullMatch(c, knownText(c, 1, "its pattern")),
  StringSplitV2: (c) => {
    c.requireRank(c.input(0), 1);
    return sparseResults(c, c.host(splitOp, { most: c.attrs.int("maxsplit", -1) }, [c.input(0), c.input(1)]));
  },
  StringSplit: (c) => {
    c.requireRank(c.input(0), 1);
    const skipEmpty = c.attrs.flag("skip_empty", true);
    return sparseResults(c, c.host(splitAtAnyOp, { skipEmpty }, [c.input(0), c.input(1)]));
  },
  StringNGrams: ngrams,
  UnicodeDecode: decode,
  UnicodeDecodeWithOffsets: decode,
  UnicodeTranscode: pointwise(unicodeTranscodeOp, (c) => {
    oneOf(c, "input_encoding", ["UTF-8"] as const, "UTF-8");
    oneOf(c, "output_encoding", ["UTF-8"] as const, "UTF-8");
    return mending(c);
  }),
  UnicodeEncode: (c) => {
    oneOf(c, "output_encoding", ["UTF-8"] as const, "UTF-8");
    const how = {
      errors: oneOf(c, "errors", ["strict", "replace", "ignore"] as const, "replace"),
      replacement: c.attrs.int("replacement_char", REPLACEMENT),
    };
    return c.value(c.host(unicodeEncodeOp, how, [c.input(0), c.input(1)])[0]!, [-1], { certain: true });
  },
};
