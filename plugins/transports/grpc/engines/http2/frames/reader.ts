import { frameSizeError, protocolError } from "../error-code.js";
import { Flag, HEADER, Type } from "./layout.js";

/** Hears frames in their order. Bytes are views: those of DATA stay as they are, others are gone after the call. */
export interface FrameListener {
  /** Any frame but DATA, whole: its payload is `bytes` from `start` to `end`. */
  frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void;
  /** A DATA frame begins; `length` is what it takes of the windows, padding included. */
  dataBegins(stream: number, flags: number, length: number): void;
  /** The next bytes of the DATA frame that has begun; as often as it takes, never without bytes. */
  data(bytes: Buffer, start: number, end: number): void;
  dataEnds(): void;
}

/**
 * Cuts what a connection received, in whatever pieces, into frames. DATA passes as it comes, without a copy; any other
 * frame that is not whole in one piece is put together, so at most `maxFrame` bytes are held.
 * @throws ConnectionError from the function that takes the pieces, which must not be called again then
 */
export function createFrameReader(listener: FrameListener, maxFrame: number): (piece: Buffer) => void {
  let held: Buffer | undefined;
  let kept = 0;
  let inData = false;
  let content = 0;
  let padding = 0;

  /** Bytes that must be there before a frame can begin: the pad length of DATA counts to them. */
  const headOf = (type: number, flags: number) =>
    type === Type.DATA && (flags & Flag.PADDED) !== 0 ? HEADER + 1 : HEADER;

  function checkLength(length: number): void {
    if (length > maxFrame) throw frameSizeError(`a frame of ${length} bytes, at most ${maxFrame} are taken`);
  }

  function beginData(bytes: Buffer, at: number, length: number, flags: number, stream: number): void {
    const padded = (flags & Flag.PADDED) !== 0;
    if (padded && length === 0) throw frameSizeError("a padded DATA frame without its pad length");
    padding = padded ? bytes[at + HEADER]! : 0;
    content = length - padding - (padded ? 1 : 0);
    if (content < 0) throw protocolError("the padding of a DATA frame is longer than the frame");
    listener.dataBegins(stream, flags, length);
    if (content + padding === 0) listener.dataEnds();
    else inData = true;
  }

  function continueData(piece: Buffer, start: number): number {
    let pos = start;
    if (content > 0) {
      const taken = Math.min(content, piece.length - pos);
      content -= taken;
      pos += taken;
      listener.data(piece, start, pos);
    }
    if (content === 0) {
      const skipped = Math.min(padding, piece.length - pos);
      padding -= skipped;
      pos += skipped;
      if (padding === 0) {
        inData = false;
        listener.dataEnds();
      }
    }
    return pos;
  }

  const lengthAt = (bytes: Buffer, at: number) => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const streamAt = (bytes: Buffer, at: number) => bytes.readUInt32BE(at + 5) & 0x7fffffff;

  /** A frame that is whole from `pos` on, or DATA whose head is. Returns where it ends, `pos` when it is neither. */
  function fromPiece(piece: Buffer, pos: number): number {
    const left = piece.length - pos;
    if (left < HEADER) return pos;
    const length = lengthAt(piece, pos);
    checkLength(length);
    const type = piece[pos + 3]!;
    const flags = piece[pos + 4]!;
    if (type === Type.DATA) {
      const head = headOf(type, length > 0 ? flags : 0);
      if (left < head) return pos;
      beginData(piece, pos, length, flags, streamAt(piece, pos));
      return pos + head;
    }
    const end = pos + HEADER + length;
    if (end > piece.length) return pos;
    listener.frame(type, flags, streamAt(piece, pos), piece, pos + HEADER, end);
    return end;
  }

  /** Adds to the frame that is held, as much as its next part needs. Returns where it stopped. */
  function intoHeld(piece: Buffer, pos: number): number {
    held ??= Buffer.allocUnsafeSlow(HEADER + maxFrame);
    const add = (until: number) => {
      const taken = Math.min(until - kept, piece.length - pos);
      piece.copy(held!, kept, pos, pos + taken);
      kept += taken;
      pos += taken;
      return kept >= until;
    };
    if (kept < HEADER && !add(HEADER)) return pos;
    const length = lengthAt(held, 0);
    checkLength(length);
    const type = held[3]!;
    const flags = held[4]!;
    if (type === Type.DATA) {
      if (!add(headOf(type, length > 0 ? flags : 0))) return pos;
      kept = 0;
      beginData(held, 0, length, flags, streamAt(held, 0));
    } else {
      if (!add(HEADER + length)) return pos;
      kept = 0;
      listener.frame(type, flags, streamAt(held, 0), held, HEADER, HEADER + length);
    }
    return pos;
  }

  return (piece) => {
    let pos = 0;
    while (pos < piece.length) {
      if (inData) pos = continueData(piece, pos);
      else if (kept > 0) pos = intoHeld(piece, pos);
      else {
        const next = fromPiece(piece, pos);
        pos = next === pos ? intoHeld(piece, pos) : next;
      }
    }
    if (kept === 0) held = undefined;
  };
}
