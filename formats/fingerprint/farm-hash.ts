import {
  add,
  fetch32,
  fetch64,
  hex,
  mul,
  rotateRight as rotate,
  shiftRight,
  small,
  type Uint64,
  uint64,
  xor,
} from "./uint64.js";

/*
 * FarmHash's Fingerprint64, which is its Hash64 "na": https://github.com/google/farmhash. The names are those of the
 * original.
 */
const K0 = hex("c3a5c85c97cb3127");
const K1 = hex("b492b66fbe98f273");
const K2 = hex("9ae16a3b2f90404f");
const CAT = hex("c6a4a7935bd1e995");
const SEED = small(81);

const sum = (first: Uint64, ...rest: readonly Uint64[]) => rest.reduce(add, first);
const shiftMix = (value: Uint64) => xor(value, shiftRight(value, 47));
const mulOf = (length: number) => add(K2, small(length * 2));

function hashLen16(u: Uint64, v: Uint64, by: Uint64): Uint64 {
  const a = shiftMix(mul(xor(u, v), by));
  return mul(shiftMix(mul(xor(v, a), by)), by);
}

function upTo16(s: Uint8Array): Uint64 {
  const n = s.length;
  if (n >= 8) {
    const by = mulOf(n);
    const a = add(fetch64(s, 0), K2);
    const b = fetch64(s, n - 8);
    return hashLen16(add(mul(rotate(b, 37), by), a), mul(add(rotate(a, 25), b), by), by);
  }
  if (n >= 4) {
    const a = fetch32(s, 0);
    return hashLen16(small(n + a * 8), uint64(0, fetch32(s, n - 4)), mulOf(n));
  }
  if (n === 0) return K2;
  const y = s[0]! + s[n >> 1]! * 256;
  const z = n + s[n - 1]! * 4;
  return mul(shiftMix(xor(mul(small(y), K2), mul(small(z), K0))), K2);
}

function upTo32(s: Uint8Array): Uint64 {
  const n = s.length;
  const by = mulOf(n);
  const a = mul(fetch64(s, 0), K1);
  const b = fetch64(s, 8);
  const c = mul(fetch64(s, n - 8), by);
  const d = mul(fetch64(s, n - 16), K2);
  return hashLen16(sum(rotate(add(a, b), 43), rotate(c, 30), d), sum(a, rotate(add(b, K2), 18), c), by);
}

function upTo64(s: Uint8Array): Uint64 {
  const n = s.length;
  const by = mulOf(n);
  const a = mul(fetch64(s, 0), K2);
  const b = fetch64(s, 8);
  const c = mul(fetch64(s, n - 8), by);
  const d = mul(fetch64(s, n - 16), K2);
  const y = sum(rotate(add(a, b), 43), rotate(c, 30), d);
  const z = hashLen16(y, sum(a, rotate(add(b, K2), 18), c), by);
  const e = mul(fetch64(s, 16), by);
  const f = fetch64(s, 24);
  const g = mul(add(y, fetch64(s, n - 32)), by);
  const h = mul(add(z, fetch64(s, n - 24)), by);
  return hashLen16(sum(rotate(add(e, f), 43), rotate(g, 30), h), sum(e, rotate(add(f, a), 18), g), by);
}

type Pair = readonly [Uint64, Uint64];
const ZEROS: Pair = [small(0), small(0)];

function weakHash32(s: Uint8Array, at: number, seedA: Uint64, seedB: Uint64): Pair {
  const z = fetch64(s, at + 24);
  const a = add(seedA, fetch64(s, at));
  const b = rotate(sum(seedB, a, z), 21);
  const c = sum(a, fetch64(s, at + 8), fetch64(s, at + 16));
  return [add(c, z), sum(b, rotate(c, 44), a)];
}

function long(s: Uint8Array): Uint64 {
  const n = s.length;
  let y = add(mul(SEED, K1), small(113));
  let z = mul(shiftMix(add(mul(y, K2), small(113))), K2);
  let x = add(mul(SEED, K2), fetch64(s, 0));
  let [v, w] = [ZEROS, ZEROS];
  const round = (at: number, by: Uint64, nine: boolean) => {
    const ninefold = (value: Uint64) => (nine ? mul(value, small(9)) : value);
    x = mul(rotate(sum(x, y, v[0], fetch64(s, at + 8)), 37), by);
    y = mul(rotate(sum(y, v[1], fetch64(s, at + 48)), 42), by);
    x = xor(x, ninefold(w[1]));
    y = sum(y, ninefold(v[0]), fetch64(s, at + 40));
    z = mul(rotate(add(z, w[0]), 33), by);
    v = weakHash32(s, at, mul(v[1], by), add(x, w[0]));
    w = weakHash32(s, at + 32, add(z, w[1]), add(y, fetch64(s, at + 16)));
    [z, x] = [x, z];
  };
  const end = Math.floor((n - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) round(at, K1, false);
  const by = add(K1, small((z.lo & 0xff) * 2));
  const w0 = add(w[0], small((n - 1) & 63));
  const v0 = add(v[0], w0);
  v = [v0, v[1]];
  w = [add(w0, v0), w[1]];
  round(n - 64, by, true);
  return hashLen16(sum(hashLen16(v[0], w[0], by), mul(shiftMix(y), K0), z), add(hashLen16(v[1], w[1], by), x), by);
}

export function fingerprint64(bytes: Uint8Array): Uint64 {
  const { length } = bytes;
  if (length <= 16) return upTo16(bytes);
  if (length <= 32) return upTo32(bytes);
  return length <= 64 ? upTo64(bytes) : long(bytes);
}

/** TensorFlow's fingerprint of two fingerprints in their order. */
export function fingerprintCat64(first: Uint64, second: Uint64): Uint64 {
  const mixed = xor(xor(first, CAT), mul(shiftMix(mul(second, CAT)), CAT));
  return shiftMix(mul(shiftMix(mul(mixed, CAT)), CAT));
}
