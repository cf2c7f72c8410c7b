/** Bytes that come in pieces, taken in other pieces. */
export interface Chunks {
  /** Exactly `count` bytes, or what is left when the stream ends before. A view where they came in one piece. */
  take(count: number): Promise<Uint8Array>;
}

/** Holds no more than what was asked for and the piece that came last. */
export function chunksOf(stream: AsyncIterator<Uint8Array>): Chunks {
  let rest: Uint8Array = new Uint8Array();

  return {
    take: async (count) => {
      const pieces: Uint8Array[] = [];
      let missing = count;
      while (missing > 0) {
        if (rest.byteLength === 0) {
          const next = await stream.next();
          if (next.done) break;
          rest = next.value;
        }
        const piece = rest.subarray(0, missing);
        rest = rest.subarray(piece.byteLength);
        missing -= piece.byteLength;
        if (piece.byteLength > 0) pieces.push(piece);
      }
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    },
  };
}
