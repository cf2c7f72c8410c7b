/** Strings for another thread: their bytes end to end and where each ends. Items posted one by one would be copied with all of the buffer that they view. */
export type PackedStrings = { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: Uint32Array<ArrayBuffer> };

export function packStrings(items: readonly Uint8Array[]): PackedStrings {
  const ends = new Uint32Array(items.length);
  let end = 0;
  for (const [i, item] of items.entries()) {
    end += item.length;
    ends[i] = end;
  }
  const bytes = new Uint8Array(end);
  for (const [i, item] of items.entries()) bytes.set(item, ends[i]! - item.length);
  return { bytes, ends };
}

/** The items as views. */
export function unpackStrings({ bytes, ends }: PackedStrings): Uint8Array[] {
  return Array.from(ends, (end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

export const buffersOf = ({ bytes, ends }: PackedStrings): readonly ArrayBuffer[] => [bytes.buffer, ends.buffer];
