/** Many strings in one piece of memory, which can be posted between threads at once. */
export type PackedStrings = {
  readonly bytes: Uint8Array;
  /** Where each begins, and where the last one ends. */
  readonly offsets: Uint32Array;
};

/** The most bytes that offsets can tell apart. */
export const MOST_BYTES = 2 ** 32 - 1;

export function packStrings(items: readonly Uint8Array[]): PackedStrings {
  const offsets = new Uint32Array(items.length + 1);
  let size = 0;
  for (const [i, item] of items.entries()) {
    offsets[i] = size;
    size += item.length;
  }
  if (size > MOST_BYTES) throw new RangeError(`${size} bytes of strings are more than ${MOST_BYTES}`);
  offsets[items.length] = size;
  const bytes = new Uint8Array(size);
  for (const [i, item] of items.entries()) bytes.set(item, offsets[i]);
  return { bytes, offsets };
}

export const stringAt = ({ bytes, offsets }: PackedStrings, index: number): Uint8Array =>
  bytes.subarray(offsets[index], offsets[index + 1]);
