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

/**
 * The first index with the tag of each hash, -1 where there is none: most likely what a look-up ends at. Their bytes are
 * brought near.
 */
export function fetchCandidates(
  { bytes, offsets, slots }: Table,
  hashes: Uint32Array,
  candidates: Int32Array,
  count: number,
): void {
  const bits = indexBits(offsets.length - 1);
  const mask = maskOf(bits);
  const last = slots.length - 1;
  for (let i = 0; i < count; i++) {
    const tag = tagOf(hashes[i]!, bits);
    let place = placeOf(hashes[i]!, slots.length);
    let slot = slots[place]!;
    while (slot !== 0 && slot >>> bits !== tag) {
      place = place === last ? 0 : place + 1;
      slot = slots[place]!;
    }
    candidates[i] = (slot & mask) - 1;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) sum ^= offsets[candidates[i]! + 1]!;
  for (let i = 0; i < count; i++) sum ^= bytes[Math.max(offsets[candidates[i]! + 1]! - 1, 0)]!;
  sink = sum;
}
