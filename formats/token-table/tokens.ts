import { resourceExhausted } from "../../core/index.js";

/** Tokens one behind the other: row `i` is the bytes from `offsets[i]` to `offsets[i + 1]`. */
export type Tokens = {
  readonly bytes: Uint8Array;
  /** One more than there are tokens. */
  readonly offsets: Uint32Array;
};

/** Collects tokens in the order of their rows. */
export interface TokenWriter {
  readonly count: number;
  /** Appends bytes `start` to `end` of `from` as the next token. */
  add(from: Uint8Array, start?: number, end?: number): void;
  /** What was added, in shared memory of just that size: threads read it without a copy. */
  finish(): Tokens;
}

const MOST_BYTES = 2 ** 32 - 1;

export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

/** @throws RESOURCE_EXHAUSTED beyond 4 GiB of tokens: offsets have 32 bits */
export function createTokenWriter(expectedBytes = 1024, expectedTokens = 64): TokenWriter {
  let bytes = new Uint8Array(expectedBytes);
  let offsets = new Uint32Array(expectedTokens + 1);
  let [used, count] = [0, 0];
  const makeRoom = (needed: number) => {
    if (needed > MOST_BYTES) throw resourceExhausted("the tokens take more than 4 GiB, the most that a table holds");
    const larger = new Uint8Array(Math.min(MOST_BYTES, Math.max(needed, 2 * bytes.length)));
    larger.set(bytes.subarray(0, used));
    bytes = larger;
  };
  return {
    get count() {
      return count;
    },
    add: (from, start = 0, end = from.length) => {
      if (used + end - start > bytes.length) makeRoom(used + end - start);
      if (count + 1 >= offsets.length) {
        const larger = new Uint32Array(2 * offsets.length);
        larger.set(offsets);
        offsets = larger;
      }
      // Most tokens are shorter than what a call to `set` costs.
      if (end - start < 32) for (let at = start; at < end; at++) bytes[used++] = from[at]!;
      else {
        bytes.set(from.subarray(start, end), used);
        used += end - start;
      }
      offsets[++count] = used;
    },
    finish: () => {
      const exact = { bytes: sharedBytes(used), offsets: new Uint32Array(new SharedArrayBuffer(4 * (count + 1))) };
      exact.bytes.set(bytes.subarray(0, used));
      exact.offsets.set(offsets.subarray(0, count + 1));
      return exact;
    },
  };
}

const [LF, CR] = [0x0a, 0x0d];
const BOM = [0xef, 0xbb, 0xbf];

/**
 * The lines of a text in UTF-8, without their ends (LF or CR LF) and without a byte order mark. The last line needs no
 * end, and an end after it makes no further line. Line `n`, counted from 1, is row `n - 1`.
 */
export function linesOf(text: Uint8Array): Tokens {
  const writer = createTokenWriter(text.length, Math.ceil(text.length / 8));
  let start = BOM.every((byte, i) => text[i] === byte) ? BOM.length : 0;
  while (start < text.length) {
    const found = text.indexOf(LF, start);
    const stop = found < 0 ? text.length : found;
    const end = stop > start && text[stop - 1] === CR ? stop - 1 : stop;
    writer.add(text, start, end);
    start = stop + 1;
  }
  return writer.finish();
}
