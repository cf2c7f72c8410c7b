import { tensorflowName } from "../../../../../protos/tensor/dtype.js";
import { latin1 } from "../scan/token.js";
import type { Elements } from "./elements.js";
import { createArray } from "./growing.js";
import { type End, readInteger } from "./number.js";
import { typeError } from "./quote.js";

const LOW = 2 ** 32;

/** 64-bit integers, exactly. Up to 2^53 they are written as two 32-bit halves, which makes no BigInt. */
export function int64Elements(json: Buffer, dtype: "int64" | "uint64"): Elements {
  const array = createArray(json, dtype);
  const end: End = { at: 0 };
  const [least, most] = dtype === "int64" ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  let halves = new Int32Array(array.items.buffer);
  const wrong = (at: number) => typeError(json, at, tensorflowName(dtype));
  return {
    count: () => array.count,
    data: () => array.items.subarray(0, array.count),
    read: (at) => {
      const value = readInteger(json, at, end);
      if (Number.isNaN(value) || (value < 0 && dtype === "uint64")) throw wrong(at);
      if (array.count === array.items.length) {
        array.grow(at);
        halves = new Int32Array(array.items.buffer);
      }
      if (Number.isFinite(value)) {
        halves[array.count * 2] = value;
        halves[array.count * 2 + 1] = Math.floor(value / LOW);
      } else {
        // Nothing of 64 bits has more than 20 characters, and BigInt's time grows faster than the text.
        const big = end.at - at > 20 ? undefined : BigInt(latin1(json, at, end.at));
        if (big === undefined || big < least || big > most) throw wrong(at);
        array.items[array.count] = big;
      }
      array.count++;
      return end.at;
    },
  };
}
