import { hashOf } from "./hash.js";

/**
 * Tokens by their order and the other way round, in four arrays, which travel between threads without a copy: nothing on the
 * heap belongs to a single token.
 */
export type Table = {
  /** The tokens end to end. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each token begins, and where the last one ends. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Open addressing with linear probing: 0 for a free place, else a token's index + 1 below some more bits of its hash. */
  readonly slots: Uint32Array<ArrayBuffer>;
  /** Ids in rising order, one a token; absent where they are 0, 1, 2 … */
  readonly ids?: Float64Array<ArrayBuffer>;
};

export const sizeOf = ({ offsets }: Table): number => offsets.length - 1;

/** Bits that an index + 1 takes in a slot; those above hold a part of the hash. */
export const indexBits = (size: number): number => 32 - Math.clz32(size);

export const maskOf = (bits: number): number => -1 >>> (32 - bits);

// The upper bits of a hash choose its place, so the lower ones still tell apart what meets there.
export const placeOf = (hash: number, places: number): number => ((hash / 2 ** 32) * places) >>> 0;
export const tagOf = (hash: number, bits: number): number => (hash << bits) >>> bits;

/** Whether the token of an index is this one. */
export function isAt({ bytes, offsets }: Table, index: number, token: Uint8Array): boolean {
  const { length } = token;
  const from = offsets[index]!;
  if (offsets[index + 1]! - from !== length) return false;
  let i = 0;
  while (i < length && bytes[from + i] === token[i]) i++;
  return i === length;
}

/** The index of a token, or -1. `hash` is the token's, where it is known. */
export function indexOf(table: Table, token: Uint8Array, hash = hashOf(token, 0, token.length)): number {
  const { offsets, slots } = table;
  const bits = indexBits(offsets.length - 1);
  const mask = maskOf(bits);
  const tag = tagOf(hash, bits);
  const last = slots.length - 1;
  for (let place = placeOf(hash, slots.length); ; place = place === last ? 0 : place + 1) {
    const slot = slots[place]!;
    if (slot === 0) return -1;
    if (slot >>> bits === tag && isAt(table, (slot & mask) - 1, token)) return (slot & mask) - 1;
  }
}

/** The index of an id, or -1. */
export function indexOfId({ ids, offsets }: Table, id: number): number {
  const size = offsets.length - 1;
  if (!ids) return Number.isInteger(id) && id >= 0 && id < size ? id : -1;
  const at = lowerBound(ids, id);
  return ids[at] === id ? at : -1;
}

/** The first place in a rising list whose value is not below `value`. */
export function lowerBound(rising: Float64Array, value: number): number {
  let [from, to] = [0, rising.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (rising[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** A view of a token's bytes. */
export const tokenAt = ({ bytes, offsets }: Table, index: number): Uint8Array =>
  bytes.subarray(offsets[index]!, offsets[index + 1]!);
