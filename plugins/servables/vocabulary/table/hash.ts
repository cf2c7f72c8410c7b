const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** 32 well mixed bits: FNV-1a, then the finalizer of MurmurHash3. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let h = OFFSET;
  for (let i = from; i < to; i++) h = Math.imul(h ^ bytes[i]!, PRIME);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
