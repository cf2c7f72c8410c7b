import { invalidArgument } from "../../../../../core/index.js";
import { CLOSE_OBJECT, MINUS, OPEN_OBJECT, QUOTE, skipSpace } from "../scan/chars.js";
import type { Range } from "../scan/skimmer.js";
import { textBytes, textEnd, textOf } from "./text.js";

const UNDERSCORE = 0x5f;
const EQUALS = 0x3d;

/** Where the text of `{"b64": "…"}` is: an object at `at` with that one key and a string. Else undefined. */
export function base64Object(json: Buffer, at: number): (Range & { readonly after: number }) | undefined {
  if (json[at] !== OPEN_OBJECT) return undefined;
  const key = skipSpace(json, at + 1);
  if (json[key] !== QUOTE) return undefined;
  const keyEnd = textEnd(json, key + 1);
  if (textOf(json, key + 1, keyEnd) !== "b64") return undefined;
  const colon = skipSpace(json, keyEnd + 1);
  const text = skipSpace(json, colon + 1);
  if (json[text] !== QUOTE) return undefined;
  const end = textEnd(json, text + 1);
  const close = skipSpace(json, end + 1);
  return json[close] === CLOSE_OBJECT ? { start: text + 1, end, after: close + 1 } : undefined;
}

/** Decodes the standard alphabet, or nothing: native decoding skips what is foreign, so its yield is counted. */
function decodeStrictly(text: Buffer): Buffer | undefined {
  let length = text.length;
  while (length > 0 && text.length - length < 2 && text[length - 1] === EQUALS) length--;
  const padded = length !== text.length;
  if (length % 4 === 1 || (padded && text.length % 4 !== 0)) return undefined;
  if (text.includes(MINUS) || text.includes(UNDERSCORE)) return undefined;
  const bytes = Buffer.from(text.toString("latin1"), "base64");
  return bytes.length === Math.floor((length * 3) / 4) ? bytes : undefined;
}

/**
 * Base64 between two quotes as bytes; padding and white space are optional.
 * @throws INVALID_ARGUMENT
 */
export function decodeBase64(json: Buffer, range: Range): Buffer {
  const text = textBytes(json, range.start, range.end);
  const bytes =
    decodeStrictly(text) ?? decodeStrictly(Buffer.from(text.toString("latin1").replace(/\s+/g, ""), "latin1"));
  if (bytes === undefined) throw invalidArgument("Unable to base64 decode");
  return bytes;
}
