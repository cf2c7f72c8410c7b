import type { PackedStrings } from "./packed-strings.js";

/**
 * Where keys stand in a list: slots of an open-addressed hash table hold their places, -1 where empty. Made once, in the
 * thread that compiles; plain data, so that it can be posted.
 */
export type Slots = Int32Array;

/** Finds the place of a key; -1 when it is not there. */
export type Find<K> = (key: K) => number;

/** Adds the keys in their order; a key that comes again is given to `again` with both places, the first stays. */
type Again = (first: number, second: number) => void;

const emptySlots = (count: number): Slots => new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, count * 2)))).fill(-1);

/** The finalizer of MurmurHash3, so that the low bits depend on all. */
function mixed(hash: number): number {
  const a = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b ^ (b >>> 16)) >>> 0;
}

/** FNV-1a. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return mixed(hash);
}

function sameBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** The slot of the key, or the empty one where it would be. */
function probe(slots: Slots, hash: number, isIt: (place: number) => boolean): number {
  const mask = slots.length - 1;
  let at = hash & mask;
  while (slots[at]! >= 0 && !isIt(slots[at]!)) at = (at + 1) & mask;
  return at;
}

function fill(count: number, slotOf: (slots: Slots, place: number) => number, again: Again): Slots {
  const slots = emptySlots(count);
  for (let place = 0; place < count; place++) {
    const slot = slotOf(slots, place);
    if (slots[slot]! >= 0) again(slots[slot]!, place);
    else slots[slot] = place;
  }
  return slots;
}

function stringSlot(
  { bytes, offsets }: PackedStrings,
  slots: Slots,
  key: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  return probe(slots, hashBytes(key, start, end), (place) => {
    const from = offsets[place]!;
    return offsets[place + 1]! - from === length && sameBytes(bytes, from, key, start, length);
  });
}

export const indexStrings = (keys: PackedStrings, again: Again): Slots =>
  fill(
    keys.offsets.length - 1,
    (slots, place) => stringSlot(keys, slots, keys.bytes, keys.offsets[place]!, keys.offsets[place + 1]!),
    again,
  );

export const findString =
  (keys: PackedStrings, slots: Slots): Find<Uint8Array> =>
  (key) =>
    slots[stringSlot(keys, slots, key, 0, key.length)]!;

/** 64-bit integers as their halves, the low one first. */
const halvesOf = (keys: BigInt64Array) => new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2);

function integerSlot(halves: Int32Array, slots: Slots, lo: number, hi: number): number {
  const hash = mixed(Math.imul(lo, 0x9e3779b1) ^ mixed(hi));
  return probe(slots, hash, (place) => halves[place * 2] === lo && halves[place * 2 + 1] === hi);
}

export function indexIntegers(keys: BigInt64Array, again: Again): Slots {
  const halves = halvesOf(keys);
  return fill(keys.length, (slots, at) => integerSlot(halves, slots, halves[at * 2]!, halves[at * 2 + 1]!), again);
}

/** Finds integers by their halves. */
export function findInteger(keys: BigInt64Array, slots: Slots): (lo: number, hi: number) => number {
  const halves = halvesOf(keys);
  return (lo, hi) => slots[integerSlot(halves, slots, lo, hi)]!;
}

export { halvesOf };
