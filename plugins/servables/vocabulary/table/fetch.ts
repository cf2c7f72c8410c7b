import { indexBits, maskOf, placeOf, type Table, tagOf } from "./table.js";

/*
 * The parts of a large table that a look-up needs lie anywhere in memory, and it waits for one before it knows the next.
 * Asked for together, before the look-ups begin, those of many tokens come at the same time.
 */

/** Tokens whose parts are asked for together: they fit the processor's first caches. */
export const AHEAD = 256;

// What is read must go somewhere, or nothing would be read.
let sink = 0;
export const fetched = () => sink;

/** Brings the first places of some hashes near. */
export function fetchSlots(slots: Uint32Array, hashes: Uint32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) sum ^= slots[placeOf(hashes[i]!, slots.length)]!;
  sink = sum;
}

/** Brings near what the look-ups of some hashes will most likely end at. */
export function fetchTokens({ bytes, offsets, slots }: Table, hashes: Uint32Array, count: number): void {
  const bits = indexBits(offsets.length - 1);
  const mask = maskOf(bits);
  const likely = (hash: number): number => {
    const slot = slots[placeOf(hash, slots.length)]!;
    return slot !== 0 && slot >>> bits === tagOf(hash, bits) ? (slot & mask) - 1 : 0;
  };
  let sum = 0;
  for (let i = 0; i < count; i++) sum ^= offsets[likely(hashes[i]!)]!;
  for (let i = 0; i < count; i++) sum ^= bytes[offsets[likely(hashes[i]!)]!]!;
  sink = sum;
}
