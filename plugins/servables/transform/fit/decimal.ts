const [ZERO, PLUS, MINUS, POINT] = [0x30, 0x2b, 0x2d, 0x2e];

/** Powers of ten that doubles hold exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Below it doubles hold all whole numbers. */
const EXACT = 2 ** 53;

/**
 * The number that bytes `start` to `end` are in plain decimal digits, the same that `Number` gives: digits and power are
 * exact, so that their one division rounds as it should. NaN for all others, numbers or not.
 */
export function decimalOf(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  const first = sign === MINUS || sign === PLUS ? start + 1 : start;
  let digits = 0;
  let point = -1;
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (byte === POINT && point < 0) point = at;
    else return Number.NaN;
  }
  const count = end - first - (point < 0 ? 0 : 1);
  const places = point < 0 ? 0 : end - 1 - point;
  if (count < 1 || digits >= EXACT || places >= POWERS.length) return Number.NaN;
  const value = places === 0 ? digits : digits / POWERS[places]!;
  return sign === MINUS ? -value : value;
}
