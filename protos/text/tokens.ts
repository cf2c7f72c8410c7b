import { unescaped } from "./escapes.js";
import type { Fail } from "./text-error.js";

export type Token = { readonly at: number } & (
  | { readonly kind: "name" | "integer" | "float" | "punctuation"; readonly text: string }
  /** A literal with its escapes resolved; adjacent literals are still apart. */
  | { readonly kind: "string"; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly text: "" }
);

const space = /(?:[ \t\r\n\v\f]+|#[^\n]*)*/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const hexOrOctal = /0[xX][0-9A-Fa-f]+|0[0-7]+/y;
const float = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?|\d+(?:[eE][+-]?\d+[fF]?|[fF])/y;
const integer = /0(?![0-9])|[1-9]\d*/y;
const glued = /[A-Za-z0-9_.]/;
const punctuation = "{}<>[]:,;-./";

/** The whole text as tokens, the last of which is `end`. Takes time in proportion to the text. */
export function tokensOf(text: string, fail: Fail): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += take(space)?.length ?? 0;
    if (at >= text.length) return [...tokens, { kind: "end", at, text: "" }];
    const token = one();
    tokens.push(token);
    at += token.text.length;
  }

  function one(): Token {
    const word = take(name);
    if (word !== undefined) return { kind: "name", at, text: word };
    const first = text.charAt(at);
    if (first === '"' || first === "'") return literal(first);
    const real = take(hexOrOctal) === undefined || /[.eEfF]/.test(afterOctal()) ? take(float) : undefined;
    if (real !== undefined) return number("float", real);
    const whole = take(hexOrOctal) ?? take(integer);
    if (whole !== undefined) return number("integer", whole);
    if (/\d/.test(first)) return fail(at, `"${first}" does not begin a number here: 0 leads octal digits only`);
    if (punctuation.includes(first)) return { kind: "punctuation", at, text: first };
    return fail(at, `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}`);
  }

  /** `07.5` and `01e3` are floats although they begin like octal numbers; `0x1f` is none. */
  function afterOctal(): string {
    const digits = take(hexOrOctal) ?? "";
    return /^0[xX]/.test(digits) ? "" : text.charAt(at + digits.length);
  }

  function number(kind: "integer" | "float", digits: string): Token {
    const next = text.charAt(at + digits.length);
    if (glued.test(next)) fail(at + digits.length, `unexpected "${next}" after the number ${digits}`);
    return { kind, at, text: digits };
  }

  function literal(quote: string): Token {
    let end = at + 1;
    for (; text.charAt(end) !== quote; end++) {
      if (end >= text.length || text.charAt(end) === "\n") fail(at, "the string has no end on its line");
      if (text.charAt(end) === "\\") end++;
    }
    const bytes = unescaped(text.slice(at + 1, end), (offset, what) => fail(at + 1 + offset, what));
    return { kind: "string", at, text: text.slice(at, end + 1), bytes };
  }
}
