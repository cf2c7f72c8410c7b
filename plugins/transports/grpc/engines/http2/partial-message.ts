import type { RequestMemory } from "../../../../../core/index.js";

/** Bytes before a message: whether it is compressed (1) and its length (4). */
export const PREFIX = 5;

/** A length that a client only announces is no reason to set aside that much memory: it grows with what has come. */
const FIRST = 64 * 1024;
const GROWTH = 4;

/** A length-prefixed message that did not come in one piece. */
export type PartialMessage = {
  readonly prefix: Buffer;
  prefixed: number;
  /** What has come of the message, with room for more of it. */
  bytes: Buffer;
  filled: number;
};

export const newPartial = (): PartialMessage => ({
  prefix: Buffer.allocUnsafe(PREFIX),
  prefixed: 0,
  bytes: Buffer.alloc(0),
  filled: 0,
});

export const isPrefixed = ({ prefixed }: PartialMessage): boolean => prefixed === PREFIX;
export const lengthOf = ({ prefix }: PartialMessage): number => prefix.readUInt32BE(1);

/** Adds to the prefix. Returns where it stopped. */
export function addPrefix(partial: PartialMessage, bytes: Buffer, start: number, end: number): number {
  const stop = Math.min(end, start + PREFIX - partial.prefixed);
  bytes.copy(partial.prefix, partial.prefixed, start, stop);
  partial.prefixed += stop - start;
  return stop;
}

/** Adds to the message. Returns where it stopped. */
export function addBytes(
  partial: PartialMessage,
  memory: RequestMemory,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const length = lengthOf(partial);
  const stop = Math.min(end, start + length - partial.filled);
  const needed = partial.filled + stop - start;
  if (needed > partial.bytes.length) {
    const wider = memory.takeSpare(length) ?? memory.take(Math.min(length, Math.max(FIRST, needed * GROWTH)));
    partial.bytes.copy(wider, 0, 0, partial.filled);
    partial.bytes = wider;
  }
  bytes.copy(partial.bytes, partial.filled, start, stop);
  partial.filled = needed;
  return stop;
}
