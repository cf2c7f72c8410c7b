import { type Complain, quoted } from "./entries.js";

const [MINUS, ZERO, NINE] = [45, 48, 57];

/** A whole number from 0 to 2 ** 53 - 1 in decimal digits. @throws what `complain` makes of anything else */
export function readId(bytes: Uint8Array, from: number, to: number, line: number, complain: Complain): number {
  let id = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]!;
    if (digit < ZERO || digit > NINE) id = Number.NaN;
    else id = id * 10 + (digit - ZERO);
  }
  if (to > from && Number.isSafeInteger(id)) return id;
  const text = bytes.subarray(from, to);
  const why = bytes[from] === MINUS ? "below 0" : id > 0 ? "above 2 ** 53 - 1" : "no whole number";
  throw complain(line, `the id ${quoted(text)} is ${why}`);
}
