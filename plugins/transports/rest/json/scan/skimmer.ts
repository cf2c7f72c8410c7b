import type { Resumable } from "../slices.js";
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SMALL_F,
  SMALL_N,
  SMALL_T,
  SPACE,
} from "./chars.js";
import { parseError } from "./parse-error.js";
import { checkEscape, checkNumber, checkWord } from "./token.js";

export type Range = { readonly start: number; readonly end: number };

/** Told of each member of the outermost object; the key's range is between its quotes. */
export type OnMember = (key: Range, value: Range) => void;

// What comes next.
const VALUE = 0;
const ITEM_OR_END = 1;
const AFTER_VALUE = 2;
const KEY_OR_END = 3;
const KEY = 4;
const KEY_TEXT = 5;
const AFTER_KEY = 6;
const VALUE_TEXT = 7;

/**
 * Goes over one JSON value and checks its syntax, keeping nothing of it: as deep as memory goes, in slices. As
 * TensorFlow Serving's, it takes NaN and Infinity and does not look at what follows the value.
 * `step` throws INVALID_ARGUMENT `JSON Parse error: REASON at offset: N`; `at` is the offset after the value once done.
 */
export function createSkimmer(json: Uint8Array, start: number, onMember?: OnMember): Resumable {
  let position = start;
  let state = VALUE;
  let depth = 0;
  // One byte a level: its closing bracket.
  let closers = new Uint8Array(64);
  let key: Range = { start, end: start };
  let keyStart = start;
  let valueStart = start;

  const open = (closer: number): void => {
    if (depth === closers.length) {
      const wider = new Uint8Array(depth * 2);
      wider.set(closers);
      closers = wider;
    }
    closers[depth++] = closer;
  };

  /** The offset of the quote that ends the string, or `limit` or more when it goes on beyond. */
  const checkText = (from: number, limit: number): number => {
    let at = from;
    for (; at < limit; at++) {
      const char = json[at];
      if (char === QUOTE) break;
      if (char === BACKSLASH) at = checkEscape(json, at) - 1;
      else if (char === undefined || char < SPACE) throw parseError(char ? "control" : "quote", at);
    }
    return at;
  };

  const step = (limit: number): boolean => {
    let at = position;
    while (at < limit) {
      const char = json[at];
      if (state === VALUE_TEXT || state === KEY_TEXT) {
        at = checkText(at, limit);
        if (at >= limit) break;
        if (state === KEY_TEXT) {
          if (depth === 1) key = { start: keyStart, end: at };
          state = AFTER_KEY;
          at++;
          continue;
        }
        at++;
      } else if (isSpace(char)) {
        at++;
        continue;
      } else if (state === AFTER_VALUE) {
        const closer = closers[depth - 1];
        if (char === COMMA) {
          state = closer === CLOSE_LIST ? VALUE : KEY;
          at++;
          continue;
        }
        if (char !== closer) throw parseError(closer === CLOSE_LIST ? "item" : "member", at);
        depth--;
        at++;
      } else if (state <= ITEM_OR_END) {
        if (depth === 1) valueStart = at;
        if (char === OPEN_LIST) {
          open(CLOSE_LIST);
          state = ITEM_OR_END;
          at++;
          continue;
        }
        if (char === QUOTE || char === OPEN_OBJECT) {
          if (char === OPEN_OBJECT) open(CLOSE_OBJECT);
          state = char === QUOTE ? VALUE_TEXT : KEY_OR_END;
          at++;
          continue;
        }
        if (char === CLOSE_LIST && state === ITEM_OR_END) {
          depth--;
          at++;
        } else if (char === SMALL_T) at = checkWord(json, at, "true");
        else if (char === SMALL_F) at = checkWord(json, at, "false");
        else if (char === SMALL_N) at = checkWord(json, at, "null");
        else at = checkNumber(json, at);
      } else if (state === AFTER_KEY) {
        if (char !== COLON) throw parseError("colon", at);
        state = VALUE;
        at++;
        continue;
      } else if (char === CLOSE_OBJECT && state === KEY_OR_END) {
        depth--;
        at++;
      } else {
        if (char !== QUOTE) throw parseError("name", at);
        keyStart = ++at;
        state = KEY_TEXT;
        continue;
      }
      // A value ends here.
      state = AFTER_VALUE;
      if (depth <= 1) {
        position = at;
        if (depth === 0) return true;
        if (onMember !== undefined && closers[0] === CLOSE_OBJECT) onMember(key, { start: valueStart, end: at });
      }
    }
    position = at;
    return false;
  };

  return {
    step,
    get at() {
      return position;
    },
  };
}
