import { DOT, MINUS, SMALL_E, ZERO } from "../scan/chars.js";
import { formatDecimal } from "./general.js";
import { type Output, putAscii, reserve } from "./output.js";

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
// Between these, scaling to nine digits costs at most two roundings by powers of ten that doubles hold exactly.
const LEAST = 1e-30;
const MOST = 1e27;
// Of the scaled number: far more than those roundings' error (1e9 times a few 2^-53).
const DOUBT = 1e-5;
// Half the distance to the next float32, scaled to nine digits, is never wider.
const HALF_STEP = 64;

const scale = (value: number, exponent: number): number => {
  if (exponent < -22) return value / 1e22 / (POWERS[-exponent - 22] as number);
  if (exponent < 0) return value / (POWERS[-exponent] as number);
  return exponent > 22 ? value * 1e22 * (POWERS[exponent - 22] as number) : value * (POWERS[exponent] as number);
};

const digits = new Uint8Array(10);

/** Writes `count` digits of `number` with the point behind the first 10^exponent, as `%g` does. */
function putDigits(out: Output, number: number, count: number, exponent: number, precision: number): void {
  let rest = number;
  for (let i = count - 1; i >= 0; i--) {
    const tenth = Math.floor(rest / 10);
    digits[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  let used = count;
  while (used > 1 && digits[used - 1] === ZERO) used--;
  const { bytes } = out;
  let at = out.length;
  if (exponent < -4 || exponent >= precision) {
    bytes[at++] = digits[0] as number;
    if (used > 1) bytes[at++] = DOT;
    for (let i = 1; i < used; i++) bytes[at++] = digits[i] as number;
    bytes[at++] = SMALL_E;
    bytes[at++] = exponent < 0 ? MINUS : 0x2b;
    const power = Math.abs(exponent);
    bytes[at++] = ZERO + Math.floor(power / 10);
    bytes[at++] = ZERO + (power % 10);
  } else if (exponent < 0) {
    bytes[at++] = ZERO;
    bytes[at++] = DOT;
    for (let i = exponent + 1; i < 0; i++) bytes[at++] = ZERO;
    for (let i = 0; i < used; i++) bytes[at++] = digits[i] as number;
  } else {
    for (let i = 0; i <= exponent; i++) bytes[at++] = i < used ? (digits[i] as number) : ZERO;
    bytes[at++] = DOT;
    for (let i = exponent + 1; i < used; i++) bytes[at++] = digits[i] as number;
    if (used <= exponent + 1) bytes[at++] = ZERO;
  }
  out.length = at;
}

/**
 * A finite float32 in six digits if they read back as the same float32, else in nine. Nine digits come from one scaled
 * double, unless that is so near to halfway between two of them that its own error might decide.
 */
export function putFloat32(out: Output, value: number): void {
  reserve(out, 32);
  const size = Math.abs(value);
  if (!(size >= LEAST && size < MOST)) {
    putAscii(out, formatDecimal(value, 9, Math.fround));
    return;
  }
  let exponent = Math.floor(Math.log10(size));
  let scaled = scale(size, 8 - exponent);
  if (scaled < 1e8) scaled = scale(size, 8 - --exponent);
  else if (scaled >= 1e9) scaled = scale(size, 8 - ++exponent);

  const six = Math.round(scaled / 1000);
  const perhaps = Math.abs(six * 1000 - scaled) <= HALF_STEP;
  const nine = Math.round(scaled);
  const unsure = Math.abs(Math.abs(nine - scaled) - 0.5) < DOUBT || nine >= 1e9 || six >= 1e6;
  const away = exponent - 5;
  if (unsure || (perhaps && (away < -22 || away > 22))) {
    putAscii(out, formatDecimal(value, 9, Math.fround));
    return;
  }
  if (value < 0) out.bytes[out.length++] = MINUS;
  if (perhaps && Math.fround(scale(six, away)) === size) putDigits(out, six, 6, exponent, 6);
  else putDigits(out, nine, 9, exponent, 9);
}
