const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
const NINE = 0x39;
export const COLON = 0x3a;
export const CAPITAL_E = 0x45;
export const CAPITAL_I = 0x49;
export const CAPITAL_N = 0x4e;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const SMALL_E = 0x65;
export const SMALL_F = 0x66;
export const SMALL_I = 0x69;
export const SMALL_N = 0x6e;
export const SMALL_T = 0x74;
export const SMALL_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

// Beyond the end of the bytes a char is undefined, of which every comparison is false.

/** JSON's four kinds of white space. */
export const isSpace = (char: number | undefined): boolean =>
  (char as number) <= SPACE && (char === SPACE || char === NEWLINE || char === RETURN || char === TAB);

export const isDigit = (char: number | undefined): boolean => (char as number) >= ZERO && (char as number) <= NINE;

/** Whether a number starts with it: NaN and Infinity are numbers here. */
export const startsNumber = (char: number | undefined): boolean =>
  isDigit(char) || char === MINUS || char === CAPITAL_N || char === CAPITAL_I;

/** The offset of the next byte that is not white space. */
export function skipSpace(json: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}
