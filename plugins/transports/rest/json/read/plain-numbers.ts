import { CLOSE_LIST, COMMA, OPEN_LIST, skipSpace, startsNumber } from "../scan/chars.js";
import { checkNumber } from "../scan/token.js";
import type { Resumable } from "../slices.js";
import { createArray } from "./growing.js";
import { type End, readDecimal, readPlain } from "./number.js";

/** Thrown where JSON is not what is read in one pass. One for all: an error made for each request costs its stack. */
export const notPlain = new Error("no plain numbers");

export type FloatDType = "float32" | "float64";

/** Reads one number, or numbers in lists in lists, and checks their syntax on the way. */
export interface PlainNumbers extends Resumable {
  shape(): readonly number[];
  data(): Float32Array | Float64Array;
}

/** Deeper lists are for those readers who know the limit. */
const LEVELS = 32;

/**
 * `step` throws `notPlain`, or anything else, for whatever is not lists of one size a level with at least one number in
 * each: other readers then say what it is. `sizes` is -1 for the first lists of their levels while they are open;
 * `counts` are of the values behind us in the open list of each level.
 */
export function createPlainNumbers(json: Buffer, start: number, dtype: FloatDType): PlainNumbers {
  const array = createArray(json, dtype);
  const single = dtype === "float32";
  const end: End = { at: 0 };
  const sizes: number[] = [];
  const counts: number[] = [];
  let position = start;
  let level = 0;
  let rank = -1;

  function longNumber(at: number): number {
    if (!startsNumber(json[at])) throw notPlain;
    const after = checkNumber(json, at);
    const value = readDecimal(json, at, end, single);
    // Behind a leading zero there may be more digits, of which only the reader takes notice.
    if (end.at !== after) throw notPlain;
    return value;
  }

  /** Opens the lists that begin at `from`; returns where the first of their values is. */
  function open(from: number): number {
    let at = from;
    while (json[at] === OPEN_LIST) {
      if (level === (rank < 0 ? LEVELS : rank)) throw notPlain;
      if (rank < 0) sizes.push(-1);
      counts[level++] = 0;
      at = skipSpace(json, at + 1);
    }
    if (rank < 0) rank = level;
    else if (level !== rank) throw notPlain;
    return at;
  }

  /** From behind a value through all lists that end there; returns where the next value is, or what follows the last. */
  function close(from: number): number {
    let at = from;
    while (level > 0) {
      const list = level - 1;
      const count = (counts[list] as number) + 1;
      if (json[at] === COMMA) {
        counts[list] = count;
        return skipSpace(json, at + 1);
      }
      if (json[at] !== CLOSE_LIST) throw notPlain;
      if ((sizes[list] as number) < 0) sizes[list] = count;
      else if (count !== sizes[list]) throw notPlain;
      level = list;
      at = skipSpace(json, at + 1);
    }
    return at;
  }

  return {
    step: (limit) => {
      let at = position;
      do {
        at = open(at);
        // The numbers of one list, but for what follows the last.
        for (;;) {
          let value = readPlain(json, at, end, single);
          if (end.at < 0) value = longNumber(at);
          if (array.count === array.items.length) array.grow(at);
          array.items[array.count++] = value;
          at = skipSpace(json, end.at);
          if (json[at] !== COMMA || level === 0 || at >= limit) break;
          counts[level - 1]!++;
          at = skipSpace(json, at + 1);
        }
        at = close(at);
        position = at;
      } while (level > 0 && at < limit);
      return level === 0;
    },
    get at() {
      return position;
    },
    shape: () => sizes,
    data: () => array.items.subarray(0, array.count) as Float32Array | Float64Array,
  };
}
