/** Takes pieces of any length apart into the lengths that somebody wants. */
export interface ByteReader {
  /** The next `length` bytes; fewer at the end. */
  exactly(length: number): Promise<Uint8Array>;
  /** The next bytes, as many as are at hand, `most` at most; none at the end. */
  upTo(most: number): Promise<Uint8Array>;
  /** Lets go of where the pieces come from. */
  close(): Promise<void>;
}

export function byteReader(pieces: AsyncIterable<Uint8Array>): ByteReader {
  const source = pieces[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array(0);

  const upTo = async (most: number) => {
    while (piece.length === 0) {
      const { done, value } = await source.next();
      if (done) return piece;
      piece = value;
    }
    const taken = piece.subarray(0, most);
    piece = piece.subarray(taken.length);
    return taken;
  };

  return {
    upTo,
    close: async () => void (await source.return?.()),
    async exactly(length) {
      const first = await upTo(length);
      if (first.length === length || first.length === 0) return first;
      const whole = new Uint8Array(length);
      whole.set(first);
      let filled = first.length;
      while (filled < length) {
        const next = await upTo(length - filled);
        if (next.length === 0) return whole.subarray(0, filled);
        whole.set(next, filled);
        filled += next.length;
      }
      return whole;
    },
  };
}
