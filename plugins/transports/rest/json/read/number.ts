import { CAPITAL_E, CAPITAL_I, CAPITAL_N, DOT, isDigit, MINUS, PLUS, SMALL_E, SMALL_I, ZERO } from "../scan/chars.js";
import { latin1 } from "../scan/token.js";

/** Set by the readers below to the offset after the number. */
export type End = { at: number };

// Doubles hold these exactly, so that one multiplication or division by them rounds once.
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const EXACT = 2 ** 53;
// More digits than a double resolves; those after them only move the exponent.
const DIGITS = 19;
// Far wider than the error of nineteen digits accumulated and scaled in doubles (a few times 2^-53).
const DOUBT = 2 ** -48;

/**
 * A number whose syntax has been checked, as the nearest double. With `single`, what it returns is only sure to round
 * to the right float32, which spares the long way for most numbers of 17 digits.
 */
export function readDecimal(json: Uint8Array, start: number, end: End, single: boolean): number {
  let at = start;
  let char = json[at];
  const negative = char === MINUS;
  if (negative) char = json[++at];
  if (char === CAPITAL_N) {
    end.at = at + 3;
    return Number.NaN;
  }
  if (char === CAPITAL_I) {
    end.at = json[at + 3] === SMALL_I ? at + 8 : at + 3;
    return negative ? -Infinity : Infinity;
  }
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  for (; isDigit(char); char = json[++at]) {
    if (digits < DIGITS) {
      mantissa = mantissa * 10 + ((char as number) - ZERO);
      if (mantissa !== 0) digits++;
    } else exponent++;
  }
  if (char === DOT) {
    for (char = json[++at]; isDigit(char); char = json[++at]) {
      if (digits < DIGITS) {
        mantissa = mantissa * 10 + ((char as number) - ZERO);
        if (mantissa !== 0) digits++;
        exponent--;
      }
    }
  }
  if (char === SMALL_E || char === CAPITAL_E) {
    char = json[++at];
    const down = char === MINUS;
    if (down || char === PLUS) char = json[++at];
    let written = 0;
    for (; isDigit(char); char = json[++at]) {
      if (written < 1e6) written = written * 10 + ((char as number) - ZERO);
    }
    exponent += down ? -written : written;
  }
  end.at = at;
  if (mantissa === 0) return negative ? -0 : 0;
  if (exponent >= -22 && exponent <= 22) {
    const power = POWERS[exponent < 0 ? -exponent : exponent] as number;
    const value = exponent < 0 ? mantissa / power : mantissa * power;
    if (mantissa < EXACT || (single && Math.fround(value * (1 - DOUBT)) === Math.fround(value * (1 + DOUBT)))) {
      return negative ? -value : value;
    }
  }
  return Number(latin1(json, start, at));
}

/**
 * A number of at most nineteen digits without an exponent, whose syntax nobody has checked: most are. For all others
 * `end.at` is -1. `single` as for `readDecimal`.
 */
export function readPlain(json: Uint8Array, start: number, end: End, single: boolean): number {
  const negative = json[start] === MINUS;
  const first = negative ? start + 1 : start;
  let at = first;
  let char = json[at];
  let mantissa = 0;
  for (; isDigit(char); char = json[++at]) mantissa = mantissa * 10 + ((char as number) - ZERO);
  const whole = at - first;
  end.at = -1;
  if (whole === 0 || (whole > 1 && json[first] === ZERO)) return 0;
  let decimals = 0;
  if (char === DOT) {
    const point = at;
    for (char = json[++at]; isDigit(char); char = json[++at]) mantissa = mantissa * 10 + ((char as number) - ZERO);
    decimals = at - point - 1;
    if (decimals === 0) return 0;
  }
  if (char === SMALL_E || char === CAPITAL_E || whole + decimals > DIGITS) return 0;
  const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
  if (mantissa < EXACT || (single && Math.fround(value * (1 - DOUBT)) === Math.fround(value * (1 + DOUBT))))
    end.at = at;
  return negative ? -value : value;
}

/**
 * An integer token (no point, no exponent): its value below 2^53; Infinity, of either sign, when it is beyond, for the
 * caller to read its digits; NaN when the token is something else. `-0` is 0.
 */
export function readInteger(json: Uint8Array, start: number, end: End): number {
  let at = start;
  const negative = json[at] === MINUS;
  if (negative) at++;
  let value = 0;
  let char = json[at];
  if (!isDigit(char)) return Number.NaN;
  for (; isDigit(char); char = json[++at]) value = value * 10 + ((char as number) - ZERO);
  if (char === DOT || char === SMALL_E || char === CAPITAL_E) return Number.NaN;
  end.at = at;
  if (value >= EXACT) return negative ? -Infinity : Infinity;
  return negative && value !== 0 ? -value : value;
}
