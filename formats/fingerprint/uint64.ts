/**
 * An unsigned 64-bit number as two unsigned halves. Several times faster than bigint, whose every result is an object on the
 * heap that lives too long.
 */
export type Uint64 = { readonly hi: number; readonly lo: number };

export const uint64 = (hi: number, lo: number): Uint64 => ({ hi: hi >>> 0, lo: lo >>> 0 });

export const small = (value: number): Uint64 => ({ hi: Math.floor(value / 2 ** 32) >>> 0, lo: value >>> 0 });

export const hex = (digits: string): Uint64 =>
  uint64(Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16));

export function add(a: Uint64, b: Uint64): Uint64 {
  const lo = a.lo + b.lo;
  return uint64(a.hi + b.hi + (lo > 0xffffffff ? 1 : 0), lo);
}

export const xor = (a: Uint64, b: Uint64): Uint64 => uint64(a.hi ^ b.hi, a.lo ^ b.lo);

/** The low 64 bits of the product. */
export function mul(a: Uint64, b: Uint64): Uint64 {
  const [a0, a1, b0, b1] = [a.lo & 0xffff, a.lo >>> 16, b.lo & 0xffff, b.lo >>> 16];
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const rest = a0 * b1 + (middle & 0xffff);
  const carry = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(rest / 0x10000);
  return uint64(carry + Math.imul(a.hi, b.lo) + Math.imul(a.lo, b.hi), (rest << 16) | (low & 0xffff));
}

/** To the right by `count` bits, 0 < count < 64. */
export function shiftRight({ hi, lo }: Uint64, count: number): Uint64 {
  if (count >= 32) return { hi: 0, lo: hi >>> (count - 32) };
  return uint64(hi >>> count, (lo >>> count) | (hi << (32 - count)));
}

/** To the right by `count` bits, 0 < count < 64; what falls out comes in at the left. */
export function rotateRight({ hi, lo }: Uint64, count: number): Uint64 {
  if (count === 32) return { hi: lo, lo: hi };
  if (count > 32) return rotateRight({ hi: lo, lo: hi }, count - 32);
  return uint64((hi >>> count) | (lo << (32 - count)), (lo >>> count) | (hi << (32 - count)));
}

/** The eight bytes from `at` on, the lowest first. */
export function fetch64(bytes: Uint8Array, at: number): Uint64 {
  return { hi: fetch32(bytes, at + 4), lo: fetch32(bytes, at) };
}

export function fetch32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

export const toBigInt = ({ hi, lo }: Uint64): bigint => (BigInt(hi) << 32n) | BigInt(lo);
export const fromBigInt = (value: bigint): Uint64 => ({
  hi: Number(BigInt.asUintN(32, value >> 32n)),
  lo: Number(BigInt.asUintN(32, value)),
});

/** The largest divisor whose remainders can be multiplied in a double. */
const EXACT = 2 ** 26;

/** The remainder of a division by a positive whole number below 2 ** 63. */
export function modulo(value: Uint64, divisor: bigint): bigint {
  if (divisor > EXACT) return toBigInt(value) % divisor;
  const n = Number(divisor);
  return BigInt(((((value.hi % n) * (2 ** 32 % n)) % n) + (value.lo % n)) % n);
}
