import { calmDown, protocolError } from "./error-code.js";
import { Flag } from "./frames/layout.js";

/** Most CONTINUATION frames of one block: with frames of the usual size far more than any block needs. */
const MOST_CONTINUATIONS = 16;

export type OnBlock = (stream: number, endStream: boolean, bytes: Buffer, start: number, end: number) => void;

export interface HeaderBlocks {
  /** The stream whose block is not complete; no other frame may come then. 0 when there is none. */
  readonly open: number;
  headers(flags: number, stream: number, bytes: Buffer, start: number, end: number): void;
  continuation(flags: number, stream: number, bytes: Buffer, start: number, end: number): void;
}

/**
 * Puts HEADERS and their CONTINUATIONs together. A block that ends in its first frame is handed on without a copy.
 * @param limit bytes that one block may have
 */
export function createHeaderBlocks(limit: number, onBlock: OnBlock): HeaderBlocks {
  let open = 0;
  let endStream = false;
  let parts: Buffer[] = [];
  let size = 0;

  function keep(bytes: Buffer, start: number, end: number): void {
    size += end - start;
    if (size > limit) throw calmDown(`a header block of more than ${limit} bytes`);
    parts.push(Buffer.from(bytes.subarray(start, end)));
  }

  return {
    get open() {
      return open;
    },
    headers: (flags, stream, bytes, start, end) => {
      let from = start;
      let padding = 0;
      if ((flags & Flag.PADDED) !== 0) padding = bytes[from++] ?? 0;
      // Priorities are of no use here, and gone from RFC 9113.
      if ((flags & Flag.PRIORITY) !== 0) from += 5;
      const to = end - padding;
      if (from > to) throw protocolError("HEADERS shorter than their padding and priority");
      endStream = (flags & Flag.END_STREAM) !== 0;
      if ((flags & Flag.END_HEADERS) !== 0) {
        onBlock(stream, endStream, bytes, from, to);
        return;
      }
      open = stream;
      parts = [];
      size = 0;
      keep(bytes, from, to);
    },
    continuation: (flags, stream, bytes, start, end) => {
      if (open === 0 || stream !== open) throw protocolError("CONTINUATION out of its place");
      if (parts.length > MOST_CONTINUATIONS) throw calmDown("a header block in too many pieces");
      keep(bytes, start, end);
      if ((flags & Flag.END_HEADERS) === 0) return;
      open = 0;
      const block = Buffer.concat(parts);
      parts = [];
      onBlock(stream, endStream, block, 0, block.length);
    },
  };
}
