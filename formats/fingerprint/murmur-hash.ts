import { fetch64, hex, mul, shiftRight, small, type Uint64, xor } from "./uint64.js";

const M = hex("c6a4a7935bd1e995");
const SEED = hex("000000decafcaffe");

const mix = (value: Uint64) => xor(value, shiftRight(value, 47));

/** MurmurHash64A with the seed that TensorFlow's Hash64 has. https://github.com/aappleby/smhasher */
export function murmurHash(bytes: Uint8Array): Uint64 {
  const { length } = bytes;
  const whole = length - (length % 8);
  let h = xor(SEED, mul(small(length), M));
  for (let at = 0; at < whole; at += 8) h = mul(xor(h, mul(mix(mul(fetch64(bytes, at), M)), M)), M);
  if (whole < length) {
    const last = new Uint8Array(8);
    last.set(bytes.subarray(whole));
    h = mul(xor(h, fetch64(last, 0)), M);
  }
  return mix(mul(mix(h), M));
}
