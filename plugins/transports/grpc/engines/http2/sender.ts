import { Code } from "../../../../../core/index.js";
import { OK, type Status } from "../../status.js";
import { ConnectionError, ErrorCode } from "./error-code.js";
import { Flag, HEADER, Type } from "./frames/layout.js";
import { resetStream, writeHead, writeUint32 } from "./frames/writer.js";
import type { HpackEncoder } from "./hpack/encoder.js";
import type { Limits } from "./limits.js";
import type { Outbox } from "./outbox.js";
import { PREFIX } from "./partial-message.js";
import { createResponseBlocks } from "./response-blocks.js";
import type { PeerSettings } from "./settings.js";
import type { Stream } from "./stream.js";
import { FIRST_CONNECTION_WINDOW, widened } from "./windows.js";

/** The most that one DATA frame carries, though the client take more: streams take turns, and a block holds some. */
const LONGEST_DATA = 16_384;

/** What a connection says on its streams, within the client's windows. */
export interface Sender {
  /** The whole answer of a unary call that succeeds. */
  respond(stream: Stream, message: Buffer): void;
  send(stream: Stream, message: Buffer): void;
  /** The last word, when all messages are sent. */
  end(stream: Stream, status: Status): void;
  /** Answers what is no call of gRPC. */
  refuse(stream: Stream, httpStatus: number): void;
  reset(stream: Stream, code: ErrorCode): void;
  /** Forgets what waits on a stream. */
  drop(stream: Stream): void;
  /** The client's WINDOW_UPDATE; false when it makes a window too large. */
  widen(stream: Stream | undefined, by: number): boolean;
  /** The client has changed the window that streams begin with. @throws ConnectionError */
  shiftWindows(streams: Iterable<Stream>, by: number): void;
  /** Sends what waits, as far as windows and socket let it. */
  pump(): void;
  /** Bytes of messages that wait. */
  readonly waiting: number;
}

export type SenderParts = {
  readonly outbox: Outbox;
  readonly encoder: HpackEncoder;
  readonly peer: PeerSettings;
  readonly limits: Limits;
  /** Bytes that the connection holds more, or less. */
  readonly count: (stream: Stream, bytes: number) => void;
  /** A DATA frame has been sent. */
  readonly onData: () => void;
  /** All is sent, or will never be. */
  readonly onClosed: (stream: Stream) => void;
};

function copy(block: Buffer, into: Buffer, at: number): number {
  // Blocks of a few bytes: a loop is quicker than a call into the engine.
  for (let i = 0; i < block.length; i++) into[at + i] = block[i]!;
  return at + block.length;
}

export function createSender({ outbox, encoder, peer, limits, count, onData, onClosed }: SenderParts): Sender {
  const blocks = createResponseBlocks(encoder);
  /** Streams that have bytes and a window; they take turns. */
  const ready = new Set<Stream>();
  let window = FIRST_CONNECTION_WINDOW;
  let waiting = 0;

  function writeBlock(stream: Stream, block: Buffer, flags: number): void {
    outbox.reserve(HEADER + block.length);
    const at = writeHead(outbox.bytes, outbox.pos, block.length, Type.HEADERS, Flag.END_HEADERS | flags, stream.id);
    outbox.pos = copy(block, outbox.bytes, at);
  }

  function writeHeaders(stream: Stream): void {
    if (stream.headersSent) return;
    stream.headersSent = true;
    writeBlock(stream, blocks.headers(), 0);
  }

  function close(stream: Stream): void {
    stream.closed = true;
    // Who is not done asking need not go on.
    if (!stream.halfClosed) outbox.write(resetStream(stream.id, ErrorCode.NO_ERROR));
    onClosed(stream);
  }

  function writeEnd(stream: Stream, status: Status): void {
    const block = stream.headersSent ? blocks.trailers(status) : blocks.trailersOnly(status);
    writeBlock(stream, block, Flag.END_STREAM);
    close(stream);
  }

  /** One DATA frame of what waits on a stream. */
  function writeData(stream: Stream): void {
    const length = Math.min(stream.queued, stream.sendWindow, window, peer.maxFrame, LONGEST_DATA);
    outbox.reserve(HEADER + length);
    const { bytes } = outbox;
    let at = writeHead(bytes, outbox.pos, length, Type.DATA, 0, stream.id);
    const queue = stream.queue!;
    for (let left = length; left > 0; ) {
      const first = queue[0]!;
      const stop = Math.min(first.length, stream.sent + left);
      first.copy(bytes, at, stream.sent, stop);
      at += stop - stream.sent;
      left -= stop - stream.sent;
      stream.sent = stop;
      if (stop < first.length) continue;
      queue.shift();
      stream.sent = 0;
    }
    outbox.pos = at;
    stream.queued -= length;
    stream.sendWindow -= length;
    window -= length;
    waiting -= length;
    count(stream, -length);
    onData();
  }

  function pump(): void {
    while (window > 0 && ready.size > 0 && !outbox.full) {
      const [stream] = ready as Iterable<Stream> as [Stream];
      ready.delete(stream);
      writeData(stream);
      if (stream.queued > 0) {
        if (stream.sendWindow > 0) ready.add(stream);
      } else if (stream.status !== undefined) writeEnd(stream, stream.status);
    }
  }

  function enqueue(stream: Stream, message: Buffer): void {
    writeHeaders(stream);
    const prefix = Buffer.alloc(PREFIX);
    prefix.writeUInt32BE(message.length, 1);
    stream.queue ??= [];
    stream.queue.push(prefix);
    if (message.length > 0) stream.queue.push(message);
    const bytes = PREFIX + message.length;
    stream.queued += bytes;
    waiting += bytes;
    count(stream, bytes);
    if (stream.sendWindow > 0) ready.add(stream);
  }

  function fits(stream: Stream, message: Buffer): boolean {
    if (message.length <= limits.message) return true;
    const details = `Sent message larger than max (${message.length + PREFIX} vs. ${limits.message})`;
    stream.abandon();
    end(stream, { code: Code.RESOURCE_EXHAUSTED, details });
    return false;
  }

  function end(stream: Stream, status: Status): void {
    if (stream.closed) return;
    if (stream.queued > 0) stream.status = status;
    else writeEnd(stream, status);
  }

  function drop(stream: Stream): void {
    ready.delete(stream);
    waiting -= stream.queued;
    count(stream, -stream.queued);
    stream.queued = 0;
    stream.queue = undefined;
  }

  return {
    respond: (stream, message) => {
      if (stream.closed || !fits(stream, message)) return;
      const length = PREFIX + message.length;
      const whole = length <= LONGEST_DATA && length <= window && length <= stream.sendWindow;
      if (!whole || stream.headersSent || outbox.full) {
        enqueue(stream, message);
        stream.status = OK;
        pump();
        return;
      }
      const headers = blocks.headers();
      const trailers = blocks.trailers(OK);
      outbox.reserve(3 * HEADER + headers.length + length + trailers.length);
      const { bytes } = outbox;
      let at = writeHead(bytes, outbox.pos, headers.length, Type.HEADERS, Flag.END_HEADERS, stream.id);
      at = copy(headers, bytes, at);
      at = writeHead(bytes, at, length, Type.DATA, 0, stream.id);
      bytes[at] = 0;
      at = writeUint32(bytes, at + 1, message.length);
      at += message.copy(bytes, at);
      at = writeHead(bytes, at, trailers.length, Type.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, stream.id);
      outbox.pos = copy(trailers, bytes, at);
      window -= length;
      stream.sendWindow -= length;
      onData();
      close(stream);
    },
    send: (stream, message) => {
      if (stream.closed || !fits(stream, message)) return;
      enqueue(stream, message);
      pump();
    },
    end,
    refuse: (stream, httpStatus) => {
      writeBlock(stream, blocks.http(httpStatus), Flag.END_STREAM);
      close(stream);
    },
    reset: (stream, code) => {
      drop(stream);
      stream.closed = true;
      outbox.write(resetStream(stream.id, code));
      onClosed(stream);
    },
    widen: (stream, by) => {
      if (stream === undefined) {
        const wider = widened(window, by);
        if (wider === undefined) return false;
        window = wider;
      } else {
        const wider = widened(stream.sendWindow, by);
        if (wider === undefined) return false;
        stream.sendWindow = wider;
        if (stream.queued > 0 && wider > 0) ready.add(stream);
      }
      pump();
      return true;
    },
    shiftWindows: (streams, by) => {
      for (const stream of streams) {
        const wider = widened(stream.sendWindow, by);
        if (wider === undefined) {
          throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS make a stream's window too large");
        }
        stream.sendWindow = wider;
        if (stream.queued > 0 && wider > 0) ready.add(stream);
        else ready.delete(stream);
      }
      pump();
    },
    drop,
    pump,
    get waiting() {
      return waiting;
    },
  };
}
