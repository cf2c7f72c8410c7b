import { type Feature, invalidArgument } from "../../../../../core/index.js";
import {
  CLOSE_LIST,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SMALL_F,
  SMALL_T,
  skipSpace,
  startsNumber,
} from "../scan/chars.js";
import { latin1 } from "../scan/token.js";
import { SLICE } from "../slices.js";
import { base64Object, decodeBase64 } from "./base64.js";
import { type End, readDecimal, readInteger } from "./number.js";
import { kindOf } from "./quote.js";
import { textBytes, textEnd } from "./text.js";

/** Where a reader is, and how far it may go before it lets the event loop go on. */
export type Cursor = { at: number; limit: number };

const [LEAST, MOST, MOST_UNSIGNED] = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n];
// Nothing of 64 bits has more characters, and BigInt's time grows faster than the text.
const LONGEST = 20;

/**
 * Collects the values of one feature. The kind of token says the kind of feature: an integer, true or false an int64, any
 * other number a float, a string or base64 object bytes; the first value's kind is that of all.
 */
function createValues(json: Buffer, name: string) {
  const end: End = { at: 0 };
  let kind: Feature["kind"] | undefined;
  const bytes: Uint8Array[] = [];
  const floats: number[] = [];
  const integers: bigint[] = [];

  const be = (wanted: Feature["kind"]): void => {
    kind ??= wanted;
    if (kind !== wanted) throw invalidArgument(`Unexpected element type in feature: ${name} expecting type: ${kind}`);
  };

  /** The integer at `at`; undefined where the token is none, or one beyond 64 bits, which is read as a double. */
  const integer = (at: number): bigint | undefined => {
    const value = readInteger(json, at, end);
    if (Number.isNaN(value)) return undefined;
    if (Number.isFinite(value)) return BigInt(value);
    if (end.at - at > LONGEST) return undefined;
    const big = BigInt(latin1(json, at, end.at));
    if (big > MOST && big <= MOST_UNSIGNED) {
      throw invalidArgument(`Feature: ${name} has uint64_t element. Only int64_t is supported.`);
    }
    return big < LEAST || big > MOST ? undefined : big;
  };

  const readNumber = (at: number): number => {
    const whole = integer(at);
    if (whole === undefined) {
      be("float");
      floats.push(readDecimal(json, at, end, true));
    } else {
      be("int64");
      integers.push(whole);
    }
    return end.at;
  };

  return {
    /** Takes the value at `at`; returns the offset after it. @throws INVALID_ARGUMENT */
    read: (at: number): number => {
      const char = json[at];
      if (startsNumber(char)) return readNumber(at);
      if (char === QUOTE) {
        be("bytes");
        const close = textEnd(json, at + 1);
        bytes.push(textBytes(json, at + 1, close));
        return close + 1;
      }
      if (char === SMALL_T || char === SMALL_F) {
        be("int64");
        integers.push(char === SMALL_T ? 1n : 0n);
        return at + (char === SMALL_T ? 4 : 5);
      }
      const base64 = char === OPEN_OBJECT ? base64Object(json, at) : undefined;
      if (base64 === undefined) {
        throw invalidArgument(`Feature: ${name} has element with unexpected JSON type: ${kindOf(json, at)}`);
      }
      be("bytes");
      bytes.push(decodeBase64(json, base64));
      return base64.after;
    },
    feature: (): Feature | undefined => {
      if (kind === "bytes") return { kind, values: bytes };
      if (kind === "float") return { kind, values: Float32Array.from(floats) };
      return kind && { kind, values: BigInt64Array.from(integers) };
    },
  };
}

/**
 * The feature whose value or flat list of values is at the cursor, which is moved behind it; undefined for an empty list.
 * Yields after each slice. @throws INVALID_ARGUMENT
 */
export function* readFeature(json: Buffer, name: string, cursor: Cursor): Generator<void, Feature | undefined> {
  const values = createValues(json, name);
  if (json[cursor.at] !== OPEN_LIST) {
    cursor.at = values.read(cursor.at);
    return values.feature();
  }
  let at = skipSpace(json, cursor.at + 1);
  while (json[at] !== CLOSE_LIST) {
    at = skipSpace(json, values.read(at));
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
    if (at > cursor.limit) {
      yield;
      cursor.limit = at + SLICE;
    }
  }
  cursor.at = at + 1;
  return values.feature();
}
