/** A file that comes in pieces, read a word or a vector at a time. */
export interface ByteSource {
  /** Where the next byte lies in the file, from 0. */
  readonly position: number;
  /** The next `length` bytes, valid until the next call; undefined where fewer are left. */
  take(length: number): Uint8Array | undefined;
  /** The bytes before the next `stop`, which is passed over; undefined where none comes within `most` bytes. */
  until(stop: number, most: number): Uint8Array | undefined;
  /** What is left at the end of the file, at most `most` bytes. */
  rest(most: number): Uint8Array;
}

export function createByteSource(pieces: Iterable<Uint8Array>): ByteSource {
  const next = pieces[Symbol.iterator]();
  let held: Uint8Array = new Uint8Array(0);
  let [at, before] = [0, 0];

  /** Whether there was another piece; it stands behind what has not been read. */
  const more = (): boolean => {
    const { value, done } = next.next();
    if (done) return false;
    const left = held.length - at;
    const joined = new Uint8Array(left + value.length);
    joined.set(held.subarray(at));
    joined.set(value, left);
    before += at;
    [held, at] = [joined, 0];
    return true;
  };
  const advance = (length: number): Uint8Array => {
    at += length;
    return held.subarray(at - length, at);
  };
  return {
    get position() {
      return before + at;
    },
    take: (length) => {
      while (held.length - at < length) if (!more()) return undefined;
      return advance(length);
    },
    until: (stop, most) => {
      let looked = 0;
      for (;;) {
        const found = held.indexOf(stop, at + looked);
        if (found >= 0 && found - at <= most) {
          const bytes = advance(found - at);
          at++;
          return bytes;
        }
        looked = held.length - at;
        if (looked > most || !more()) return undefined;
      }
    },
    rest: (most) => {
      while (held.length - at < most && more()) {}
      return advance(Math.min(most, held.length - at));
    },
  };
}
