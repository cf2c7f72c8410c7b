import type { Socket } from "node:net";

/** What frames are put together in; a longer frame gets a buffer of its own. */
const BLOCK = 64 * 1024;
/** Blocks that are kept for the next who needs one: an idle connection has none. */
const SPARE = 32;
/** What a socket may have taken and not sent before no more DATA is made for it. */
const HIGH_WATER = 1024 * 1024;

const none = Buffer.alloc(0);
const spare: Buffer[] = [];

/** Gathers what a connection sends, and gives it to the socket once a turn of the event loop. */
export interface Outbox {
  /** Where frames are written: from `pos` on, after `reserve`, by who then moves `pos`. */
  bytes: Buffer;
  pos: number;
  /** Makes room for `size` bytes at `pos`. */
  reserve(size: number): void;
  write(frame: Buffer): void;
  flush(): void;
  /** Whether the client does not read as fast as it is answered. */
  readonly full: boolean;
  /** Bytes that have left for good. */
  readonly sent: number;
  /** Bytes that have not. */
  readonly waiting: number;
}

const dirty: Outbox[] = [];

/** After the sockets of this turn have been read: what was answered meanwhile goes out together. */
function flushAll(): void {
  const all = dirty.splice(0);
  for (const outbox of all) outbox.flush();
}

function schedule(outbox: Outbox): void {
  if (dirty.push(outbox) === 1) setImmediate(flushAll);
}

export function createOutbox(socket: Socket): Outbox {
  let given = 0;

  function flush(): void {
    const { bytes, pos } = outbox;
    if (pos === 0) return;
    outbox.bytes = none;
    outbox.pos = 0;
    given += pos;
    if (!socket.destroyed) socket.write(bytes.subarray(0, pos));
    // A socket without anything to send has done with what it was given.
    if (bytes.length === BLOCK && socket.writableLength === 0 && spare.length < SPARE) spare.push(bytes);
  }

  const outbox: Outbox = {
    bytes: none,
    pos: 0,
    reserve: (size) => {
      if (outbox.pos + size <= outbox.bytes.length) return;
      if (outbox.pos > 0) flush();
      else schedule(outbox);
      outbox.bytes = size > BLOCK ? Buffer.allocUnsafeSlow(size) : (spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK));
    },
    write: (frame) => {
      outbox.reserve(frame.length);
      outbox.bytes.set(frame, outbox.pos);
      outbox.pos += frame.length;
    },
    flush,
    get full() {
      return outbox.waiting > HIGH_WATER;
    },
    get sent() {
      return given - socket.writableLength;
    },
    get waiting() {
      return outbox.pos + socket.writableLength;
    },
  };
  return outbox;
}
