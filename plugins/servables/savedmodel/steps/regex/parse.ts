import { type Assertion, complement, LAST, type Ranges, type Regex, RegexError, union } from "./ast.js";
import { perlClasses, posixClasses } from "./classes.js";

/** RE2 takes no larger count in `{n,m}`. */
const MOST_REPEATS = 1000;
const MOST_NESTED = 100;

type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean; readonly U: boolean };

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "start",
  z: "end",
  b: "word boundary",
  B: "no word boundary",
};
const isPunctuation = (char: string) => /^[!-/:-@[-`{-~]$/.test(char);
const code = (char: string) => char.codePointAt(0)!;

/** With the other case of its letters. Only of ASCII: further letters have cases that Unicode adds to. */
function folded(ranges: Ranges): Ranges {
  const extra: [number, number][] = [];
  for (const [low, high] of ranges) {
    if (high > 0x7f && !(low === 0 || high === LAST)) throw new RegexError("(?i) beyond ASCII is not carried over");
    for (let point = low; point <= Math.min(high, 0x7f); point++) {
      const letter = String.fromCharCode(point);
      for (const other of [letter.toLowerCase(), letter.toUpperCase()]) extra.push([code(other), code(other)]);
      // The Kelvin sign and the long s are cases of k and s.
      if (/k/i.test(letter)) extra.push([0x212a, 0x212a]);
      if (/s/i.test(letter)) extra.push([0x17f, 0x17f]);
    }
  }
  return union([...ranges, ...extra]);
}

const isEmptyable = (node: Regex): boolean => {
  if (node.kind === "set") return false;
  if (node.kind === "group") return isEmptyable(node.inner);
  if (node.kind === "all") return node.parts.every(isEmptyable);
  if (node.kind === "any") return node.choices.some(isEmptyable);
  return node.kind === "assert" || node.min === 0 || isEmptyable(node.inner);
};

/**
 * Reads RE2's syntax: https://github.com/google/re2/wiki/Syntax. What is rare or could be read in two ways is refused.
 * @throws RegexError
 */
export function parseRegex(pattern: string): { readonly regex: Regex; readonly groups: number } {
  const chars = [...pattern];
  let at = 0;
  let groups = 0;
  let depth = 0;

  const refuse = (why: string): never => {
    throw new RegexError(`${why} at character ${at}`);
  };
  const accept = (text: string): boolean => {
    if (chars.slice(at, at + text.length).join("") !== text) return false;
    at += text.length;
    return true;
  };
  const next = (): string => chars[at++] ?? refuse("the pattern ends too early");

  function hexCode(): number {
    const digits = accept("{") ? chars.slice(at, chars.indexOf("}", at)).join("") : chars.slice(at, at + 2).join("");
    at += digits.length + (chars[at - 1] === "{" ? 1 : 0);
    const value = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : LAST + 1;
    return value <= LAST ? value : refuse("a wrong \\x");
  }

  /** What `\` and the following means as one code point. */
  function escapedPoint(char: string): number {
    if (isPunctuation(char)) return code(char);
    if (char === "x") return hexCode();
    return CONTROLS[char] ?? refuse(`\\${char} is not carried over`);
  }

  function classItem(): Ranges {
    if (accept("[:")) {
      const not = accept("^");
      const end = chars.slice(at).join("").indexOf(":]");
      const known = posixClasses[chars.slice(at, at + end).join("")];
      if (end < 0 || !known) return refuse("an unknown [: :]");
      at += end + 2;
      return not ? complement(known) : known;
    }
    const point = () => {
      const char = next();
      if (char !== "\\") return code(char);
      const escaped = next();
      return perlClasses[escaped] ?? escapedPoint(escaped);
    };
    const low = point();
    if (typeof low !== "number") return low;
    if (chars[at] !== "-" || chars[at + 1] === "]") return [[low, low]];
    at++;
    const high = point();
    return typeof high === "number" && high >= low ? [[low, high]] : refuse("a wrong range");
  }

  function bracketed(flags: Flags): Regex {
    const not = accept("^");
    let ranges: Ranges = [];
    do ranges = [...ranges, ...classItem()];
    while (chars[at] !== "]");
    at++;
    const cased = flags.i ? folded(union(ranges)) : union(ranges);
    return { kind: "set", ranges: not ? complement(cased) : cased };
  }

  function literal(point: number, flags: Flags): Regex {
    return { kind: "set", ranges: flags.i ? folded([[point, point]]) : [[point, point]] };
  }

  function escaped(flags: Flags): Regex {
    const char = next();
    const known = perlClasses[char];
    if (known) return { kind: "set", ranges: flags.i ? folded(known) : known };
    const what = Object.hasOwn(ASSERTIONS, char) ? ASSERTIONS[char] : undefined;
    return what ? { kind: "assert", what } : literal(escapedPoint(char), flags);
  }

  /** Behind `(?`: flags for what follows in the group, or for a group of its own. */
  function flagged(flags: Flags): { readonly flags: Flags; readonly own: boolean } {
    const text = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(chars.slice(at).join("")) ?? refuse("an unknown (?");
    at += text[0].length;
    const changed: Record<string, boolean> = { ...flags };
    for (const flag of text[1]!) changed[flag] = true;
    for (const flag of text[2] ?? "") changed[flag] = false;
    return { flags: changed as unknown as Flags, own: text[3] === ":" };
  }

  function group(flags: Flags): { readonly regex?: Regex; readonly flags: Flags } {
    const close = (regex: Regex) => (accept(")") ? { regex, flags } : refuse("a group is not closed"));
    const named = /^\?P?<[A-Za-z0-9_]+>/.exec(chars.slice(at).join(""));
    if (!named && accept("?")) {
      const { flags: inside, own } = flagged(flags);
      return own ? close(choices(inside)) : { flags: inside };
    }
    at += named?.[0].length ?? 0;
    const index = ++groups;
    return close({ kind: "group", index, inner: choices(flags) });
  }

  function repeated(inner: Regex, flags: Flags): Regex {
    const count = /^\{(\d{1,4})(,)?(\d{1,4})?\}/.exec(chars.slice(at, at + 12).join(""));
    const sign = chars[at] ?? "";
    if (!count && !"*+?".includes(sign || "x")) return inner;
    at += count?.[0].length ?? 1;
    const min = count ? Number(count[1]) : sign === "+" ? 1 : 0;
    const open = count ? count[2] !== undefined && count[3] === undefined : sign !== "?";
    const max = open ? Number.POSITIVE_INFINITY : count ? Number(count[3] ?? min) : 1;
    if (min > MOST_REPEATS || (max > MOST_REPEATS && !open) || max < min) refuse("a wrong count");
    const greedy = accept("?") === flags.U;
    if ("*+?".includes(chars[at] ?? "x") || /^\{\d/.test(chars.slice(at, at + 2).join("")))
      refuse("a repeat of a repeat");
    if (inner.kind === "assert" || (open && isEmptyable(inner))) refuse("a repeat of what may be empty");
    return { kind: "repeat", inner, min, max, greedy };
  }

  function sequence(given: Flags): { readonly regex: Regex; readonly flags: Flags } {
    let flags = given;
    const parts: Regex[] = [];
    while (at < chars.length && chars[at] !== "|" && chars[at] !== ")") {
      const char = next();
      let part: Regex | undefined;
      if (char === "(") ({ regex: part, flags } = group(flags));
      else if (char === "[") part = bracketed(flags);
      else if (char === "\\") part = escaped(flags);
      else if (char === ".") part = { kind: "set", ranges: flags.s ? [[0, LAST]] : complement([[10, 10]]) };
      else if (char === "^") part = { kind: "assert", what: flags.m ? "line start" : "start" };
      else if (char === "$") part = { kind: "assert", what: flags.m ? "line end" : "end" };
      else if ("*+?".includes(char)) refuse("a repeat of nothing");
      else part = literal(code(char), flags);
      if (part) parts.push(repeated(part, flags));
    }
    return { regex: parts.length === 1 ? parts[0]! : { kind: "all", parts }, flags };
  }

  function choices(flags: Flags): Regex {
    if (++depth > MOST_NESTED) refuse("too many groups in groups");
    const list: Regex[] = [];
    // Flags hold to the end of the group, in further choices, too.
    let holding = flags;
    do {
      const { regex, flags: changed } = sequence(holding);
      list.push(regex);
      holding = changed;
    } while (accept("|"));
    depth--;
    return list.length === 1 ? list[0]! : { kind: "any", choices: list };
  }

  const regex = choices({ i: false, m: false, s: false, U: false });
  if (at < chars.length) refuse("a ) without its (");
  return { regex, groups };
}
