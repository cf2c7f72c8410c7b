import { invalidArgument, type ServingError } from "../../../../../core/index.js";
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  isSpace,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SMALL_F,
  SMALL_N,
  SMALL_T,
} from "../scan/chars.js";

const LONGEST = 256;

/** The value at `start` as it was sent, without white space between tokens, cut after 256 bytes. */
export function quote(json: Buffer, start: number): string {
  const out: number[] = [];
  let depth = 0;
  let inText = false;
  for (let at = start; at < json.length && out.length < LONGEST; at++) {
    const char = json[at] as number;
    if (inText) {
      out.push(char);
      if (char === BACKSLASH) out.push(json[++at] as number);
      else if (char === QUOTE) {
        inText = false;
        if (depth === 0) break;
      }
      continue;
    }
    const closes = char === CLOSE_LIST || char === CLOSE_OBJECT;
    if (depth === 0 && (closes || char === COMMA)) break;
    if (isSpace(char)) {
      if (depth === 0) break;
      continue;
    }
    out.push(char);
    if (char === QUOTE) inText = true;
    else if (char === OPEN_LIST || char === OPEN_OBJECT) depth++;
    else if (closes && --depth === 0) break;
  }
  const text = Buffer.from(out).toString();
  return out.length < LONGEST ? text : `${text}...`;
}

/** RapidJSON's names of the kinds of values. */
function kindOf(json: Buffer, at: number): string {
  switch (json[at]) {
    case OPEN_OBJECT:
      return "Object";
    case OPEN_LIST:
      return "Array";
    case QUOTE:
      return "String";
    case SMALL_T:
      return "True";
    case SMALL_F:
      return "False";
    case SMALL_N:
      return "Null";
    default:
      return "Number";
  }
}

export const valueError = (json: Buffer, at: number, text: string): ServingError =>
  invalidArgument(`JSON Value: ${quote(json, at)} ${text}`);

/** `wanted` in TensorFlow's words: `float`, `int64`. */
export const typeError = (json: Buffer, at: number, wanted: string): ServingError =>
  valueError(json, at, `Type: ${kindOf(json, at)} is not of expected type: ${wanted}`);
