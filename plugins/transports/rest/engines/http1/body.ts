/** A promise of many bytes is not yet a reason to set aside memory for them. */
const FIRST = 1024 * 1024;

/** A body that comes in pieces, in one buffer that grows with what has come. */
export interface Collected {
  /** Takes what belongs to it from `chunk`, from `start` on; returns where it stopped. */
  take(chunk: Buffer, start: number): number;
  readonly whole: boolean;
  readonly bytes: Buffer;
}

export function collectBody(length: number): Collected {
  let bytes = Buffer.allocUnsafeSlow(Math.min(length, FIRST));
  let filled = 0;
  return {
    take: (chunk, start) => {
      const end = Math.min(chunk.length, start + length - filled);
      const needed = filled + end - start;
      if (needed > bytes.length) {
        const wider = Buffer.allocUnsafeSlow(Math.min(length, Math.max(needed, bytes.length * 4)));
        bytes.copy(wider, 0, 0, filled);
        bytes = wider;
      }
      chunk.copy(bytes, filled, start, end);
      filled = needed;
      return end;
    },
    get whole() {
      return filled === length;
    },
    get bytes() {
      return bytes;
    },
  };
}
