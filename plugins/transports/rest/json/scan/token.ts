import {
  BACKSLASH,
  CAPITAL_E,
  CAPITAL_I,
  CAPITAL_N,
  DOT,
  isDigit,
  MINUS,
  PLUS,
  SMALL_E,
  SMALL_I,
  SMALL_U,
  ZERO,
} from "./chars.js";
import { parseError } from "./parse-error.js";

// A double holds no number of more integer digits than this, and none of fewer digits overflows without an exponent.
const SAFE_DIGITS = 308;

/** `word` must stand at `from`; returns the offset after it. The error is at the first byte that differs. */
export function checkWord(json: Uint8Array, from: number, word: string): number {
  for (let i = 1; i < word.length; i++) {
    if (json[from + i] !== word.charCodeAt(i)) throw parseError("value", from + i);
  }
  return from + word.length;
}

function checkDigits(json: Uint8Array, from: number, reason: "value" | "fraction" | "exponent"): number {
  let at = from;
  if (!isDigit(json[at])) throw parseError(reason, at);
  while (isDigit(json[at])) at++;
  return at;
}

/** A number by JSON's grammar, or NaN, Inf, Infinity with or without `-`; returns the offset after it. */
export function checkNumber(json: Uint8Array, start: number): number {
  let at = json[start] === MINUS ? start + 1 : start;
  if (json[at] === CAPITAL_N) return checkWord(json, at, "NaN");
  if (json[at] === CAPITAL_I) {
    at = checkWord(json, at, "Inf");
    return json[at] === SMALL_I ? checkWord(json, at, "inity") : at;
  }
  const first = at;
  at = json[at] === ZERO ? at + 1 : checkDigits(json, at, "value");
  let risky = at - first > SAFE_DIGITS;
  if (json[at] === DOT) at = checkDigits(json, at + 1, "fraction");
  if (json[at] === SMALL_E || json[at] === CAPITAL_E) {
    const sign = json[at + 1];
    at = checkDigits(json, sign === PLUS || sign === MINUS ? at + 2 : at + 1, "exponent");
    risky = true;
  }
  if (risky && !Number.isFinite(Number(latin1(json, start, at)))) throw parseError("big", start);
  return at;
}

export function latin1(json: Uint8Array, start: number, end: number): string {
  return Buffer.from(json.buffer, json.byteOffset + start, end - start).toString("latin1");
}

const SIMPLE_ESCAPES = new Set(Array.from('"\\/bfnrt', (char) => char.charCodeAt(0)));

/** The 16-bit unit of four hex digits, or -1. */
export function hexUnit(json: Uint8Array, from: number): number {
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const char = json[from + i] ?? 0;
    const lower = char | 0x20;
    if (isDigit(char)) unit = unit * 16 + char - ZERO;
    else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57;
    else return -1;
  }
  return unit;
}

/** The escape whose backslash is at `start`, with its partner where it is half of a surrogate pair. */
export function checkEscape(json: Uint8Array, start: number): number {
  const char = json[start + 1];
  if (char === undefined) throw parseError("quote", start + 1);
  if (char !== SMALL_U) {
    if (!SIMPLE_ESCAPES.has(char)) throw parseError("escape", start);
    return start + 2;
  }
  const unit = hexUnit(json, start + 2);
  if (unit < 0) throw parseError("hex", start);
  if (unit < 0xd800 || unit > 0xdfff) return start + 6;
  const second = json[start + 6] === BACKSLASH && json[start + 7] === SMALL_U ? hexUnit(json, start + 8) : 0;
  if (second < 0) throw parseError("hex", start);
  if (unit > 0xdbff || second < 0xdc00 || second > 0xdfff) throw parseError("surrogate", start);
  return start + 12;
}
