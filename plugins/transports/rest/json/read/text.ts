import { BACKSLASH, QUOTE, SMALL_U } from "../scan/chars.js";
import { hexUnit } from "../scan/token.js";

// Up to here a loop is faster than a call into native search.
const SHORT = 64;

/** The offset of the quote that closes the string whose first byte is at `start`; the syntax has been checked. */
export function textEnd(json: Buffer, start: number): number {
  let at = start;
  for (const stop = start + SHORT; at < stop; at++) {
    const char = json[at];
    if (char === QUOTE) return at;
    if (char === BACKSLASH) at++;
  }
  for (;;) {
    const quote = json.indexOf(QUOTE, at);
    let backslashes = 0;
    while (quote - 1 - backslashes >= at && json[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

const SIMPLE: Readonly<Record<string, number>> = { b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 };
const unescaped = Uint8Array.from({ length: 128 }, (_, char) => SIMPLE[String.fromCharCode(char)] ?? char);

function putCodePoint(out: Buffer, at: number, point: number): number {
  if (point < 0x80) {
    out[at] = point;
    return at + 1;
  }
  return at + out.write(String.fromCodePoint(point), at);
}

/**
 * The bytes between two quotes: a view of `json`, or a copy with its escapes resolved where it has any.
 * Bytes that are not UTF-8 stay as they are.
 */
export function textBytes(json: Buffer, start: number, end: number): Buffer {
  const raw = json.subarray(start, end);
  let from = raw.indexOf(BACKSLASH);
  if (from < 0) return raw;
  const out = Buffer.allocUnsafe(raw.length);
  raw.copy(out, 0, 0, from);
  let to = from;
  while (from < raw.length) {
    const char = raw[from] as number;
    if (char !== BACKSLASH) {
      out[to++] = char;
      from++;
      continue;
    }
    const kind = raw[from + 1] as number;
    if (kind !== SMALL_U) {
      out[to++] = unescaped[kind] as number;
      from += 2;
      continue;
    }
    const unit = hexUnit(raw, from + 2);
    const paired = unit >= 0xd800 && unit <= 0xdbff;
    const point = paired ? 0x10000 + ((unit - 0xd800) << 10) + (hexUnit(raw, from + 8) - 0xdc00) : unit;
    to = putCodePoint(out, to, point);
    from += paired ? 12 : 6;
  }
  return out.subarray(0, to);
}

/** The same as a JavaScript string, for keys and names. */
export const textOf = (json: Buffer, start: number, end: number): string => textBytes(json, start, end).toString();
