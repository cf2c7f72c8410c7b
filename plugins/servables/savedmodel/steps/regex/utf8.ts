import type { Ranges } from "./ast.js";

/** One byte range for each byte of a character. */
export type ByteRanges = readonly (readonly [low: number, high: number])[];

/** The last code points of one, two, three and four bytes. */
const LAST_OF = [0x7f, 0x7ff, 0xffff, 0x10ffff];
const REST = [0x80, 0xbf] as const;

/**
 * All that is not ASCII. RE2 takes overlong forms and numbers past the last one here, since the program becomes smaller; so
 * `.` matches them.
 */
const BEYOND_ASCII: readonly ByteRanges[] = [
  [[0xc2, 0xdf], REST],
  [[0xe0, 0xef], REST, REST],
  [[0xf0, 0xf4], REST, REST, REST],
];

/** A code point's bytes; surrogates have some, too, as in RE2. */
function bytesOf(point: number): number[] {
  const size = LAST_OF.findIndex((last) => point <= last) + 1;
  if (size === 1) return [point];
  const rest = Array.from({ length: size - 1 }, (_, i) => 0x80 | ((point >> (6 * (size - 2 - i))) & 0x3f));
  return [((0xf00 >> size) & 0xff) | (point >> (6 * (size - 1))), ...rest];
}

/** Two code points of equal length and all between them, as few sequences of byte ranges. */
function split(low: number, high: number): ByteRanges[] {
  for (let bits = 6; bits <= 18 && low >> bits !== high >> bits; bits += 6) {
    const mask = 2 ** bits - 1;
    // All bytes behind the first that differs must cover their whole range.
    if ((low & mask) !== 0) return [...split(low, low | mask), ...split((low | mask) + 1, high)];
    if ((high & mask) !== mask) return [...split(low, (high & ~mask) - 1), ...split(high & ~mask, high)];
  }
  const [from, to] = [bytesOf(low), bytesOf(high)];
  return [from.map((byte, i) => [byte, to[i]!] as const)];
}

/** A set of code points as UTF-8. */
export function utf8Ranges(ranges: Ranges): ByteRanges[] {
  const out: ByteRanges[] = [];
  for (const [low, high] of ranges) {
    let from = low;
    for (const last of LAST_OF) {
      if (from > last || from > high) continue;
      if (from === 0x80 && high === LAST_OF[3]) {
        out.push(...BEYOND_ASCII);
        break;
      }
      const to = Math.min(high, last);
      out.push(...split(from, to));
      from = to + 1;
    }
  }
  return out;
}
