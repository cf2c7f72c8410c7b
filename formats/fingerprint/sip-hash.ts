import { add, fetch64, hex, rotateRight, type Uint64, uint64, xor } from "./uint64.js";

const left = (value: Uint64, count: number) => rotateRight(value, 64 - count);

/** SipHash-2-4 of bytes under a key of 128 bits. https://www.aumasson.jp/siphash/siphash.pdf */
export function sipHash(bytes: Uint8Array, [k0, k1]: readonly [Uint64, Uint64]): Uint64 {
  let v0 = xor(k0, hex("736f6d6570736575"));
  let v1 = xor(k1, hex("646f72616e646f6d"));
  let v2 = xor(k0, hex("6c7967656e657261"));
  let v3 = xor(k1, hex("7465646279746573"));
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v0 = add(v0, v1);
      v2 = add(v2, v3);
      v1 = xor(left(v1, 13), v0);
      v3 = xor(left(v3, 16), v2);
      v0 = left(v0, 32);
      v2 = add(v2, v1);
      v0 = add(v0, v3);
      v1 = xor(left(v1, 17), v2);
      v3 = xor(left(v3, 21), v0);
      v2 = left(v2, 32);
    }
  };
  const take = (word: Uint64) => {
    v3 = xor(v3, word);
    rounds(2);
    v0 = xor(v0, word);
  };
  const { length } = bytes;
  const whole = length - (length % 8);
  for (let at = 0; at < whole; at += 8) take(fetch64(bytes, at));
  const last = new Uint8Array(8);
  last.set(bytes.subarray(whole));
  last[7] = length;
  take(fetch64(last, 0));
  v2 = xor(v2, uint64(0, 0xff));
  rounds(4);
  return xor(xor(v0, v1), xor(v2, v3));
}
