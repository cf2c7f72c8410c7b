import { Code, type Logger } from "../../../../../core/index.js";
import type { Methods } from "../../engine.js";
import { createDeadlines } from "./deadlines.js";
import { ConnectionError, ErrorCode, frameSizeError, protocolError } from "./error-code.js";
import { createFrameRules } from "./frame-rules.js";
import { Flag, HEADER, SMALLEST_MAX_FRAME, Type } from "./frames/layout.js";
import { createFrameReader } from "./frames/reader.js";
import { goAway, ping, settingsFrame, windowUpdate } from "./frames/writer.js";
import { createFramePurse, createResetPurse, PER_ANSWER, WORTHWHILE } from "./guards.js";
import { createHeadReader } from "./head.js";
import { createHeaderBlocks } from "./header-block.js";
import { createHpackDecoder } from "./hpack/decoder.js";
import { createHpackEncoder } from "./hpack/encoder.js";
import { createIncomingData } from "./incoming-data.js";
import { rememberHeads } from "./known-heads.js";
import type { Limits } from "./limits.js";
import type { Outbox } from "./outbox.js";
import { createRequests } from "./requests.js";
import { createSender, type Sender } from "./sender.js";
import { defaultSettings, ownSettings, readSettings } from "./settings.js";
import { Stream } from "./stream.js";
import { FIRST_CONNECTION_WINDOW, LARGEST_WINDOW } from "./windows.js";

/** HTTP/2 on one connection, from behind its preface on; RFC 9113. */
export interface Session {
  /** @throws ConnectionError; the session is over then */
  receive(piece: Buffer): void;
  /** Says that the connection will end, and that what comes until then is still answered. */
  announceEnd(): void;
  /** Takes no new calls from now on. */
  close(): void;
  /** Nobody waits for the calls any more. */
  abandon(): void;
  /** `onAck` is called when the client has answered, and so has read what was sent before. */
  ping(onAck: () => void): void;
  /** The last stream that was taken. */
  readonly last: number;
  /** Calls under way. */
  readonly calls: number;
  /** Bytes of answers that wait for the client's windows, or the socket. */
  readonly waiting: number;
  /** The socket takes more. */
  pump(): void;
}

export type SessionParts = {
  readonly outbox: Outbox;
  readonly methods: Methods;
  readonly limits: Limits;
  readonly log: Logger;
  /** A call has begun while none was under way, or the last one has ended. */
  readonly onActivity: () => void;
};

/** Streams that were reset, whose frames may still be on their way. */
const REMEMBERED = 1000;

export function createSession({ outbox, methods, limits, log, onActivity }: SessionParts): Session {
  const streams = new Map<number, Stream>();
  const peer = defaultSettings();
  const resets = createResetPurse();
  const frames = createFramePurse();
  const encoder = createHpackEncoder();
  const decoder = createHpackDecoder();
  const readHead = rememberHeads(decoder, createHeadReader(decoder, limits.headerList));
  const pings: (() => void)[] = [];
  /** Ended here, or refused, before the client had ended them. */
  const cutShort = new Set<number>();
  let last = 0;
  let closing = false;
  let held = 0;

  const sender: Sender = createSender({
    outbox,
    encoder,
    peer,
    limits,
    count,
    onData: () => frames.earn(PER_ANSWER),
    onClosed: (stream) => {
      if (!stream.halfClosed) cutShortAt(stream.id);
      forget(stream);
    },
  });
  const deadlines = createDeadlines(() => streams.values(), expire);
  const requests = createRequests({ sender, limits, log, hold, onDeadline: deadlines.add });
  const incoming = createIncomingData({ outbox, limits, requests, refuse: resetStream });

  function count(stream: Stream, bytes: number): void {
    held += bytes;
    stream.held += bytes;
  }

  function hold(stream: Stream, bytes: number): boolean {
    if (held + bytes > limits.held) return false;
    count(stream, bytes);
    return true;
  }

  function forget(stream: Stream): void {
    streams.delete(stream.id);
    held -= stream.held;
    stream.held = 0;
    stream.listener?.closed();
    if (streams.size === 0) onActivity();
  }

  function cutShortAt(id: number): void {
    cutShort.add(id);
    if (cutShort.size <= REMEMBERED) return;
    const [oldest] = cutShort;
    cutShort.delete(oldest!);
  }

  function expire(stream: Stream): void {
    if (stream.over) sender.reset(stream, ErrorCode.CANCEL);
    else {
      stream.abandon();
      sender.end(stream, { code: Code.DEADLINE_EXCEEDED, details: "Deadline exceeded" });
    }
  }

  /** A stream whose client broke a rule that concerns it alone. */
  function resetStream(stream: Stream, code: ErrorCode): void {
    resets.spend();
    stream.abandon();
    sender.reset(stream, code);
  }

  /** What comes for a stream that is not there. @throws ConnectionError unless it was cut short */
  function stray(id: number, what: string): void {
    if (id > last || id % 2 === 0) throw protocolError(`${what} for stream ${id}, which has not begun`);
    if (!cutShort.has(id))
      throw new ConnectionError(ErrorCode.STREAM_CLOSED, `${what} for stream ${id}, which is over`);
  }

  function onBlock(id: number, endStream: boolean, bytes: Buffer, start: number, end: number): void {
    // In any case: the tables of both sides must stay the same.
    const head = readHead(bytes, start, end);
    const known = streams.get(id);
    if (known !== undefined) {
      if (known.halfClosed) resetStream(known, ErrorCode.STREAM_CLOSED);
      // Trailers: gRPC's clients have none.
      else if (!endStream || head.pseudo) resetStream(known, ErrorCode.PROTOCOL_ERROR);
      else requests.halfClose(known);
      return;
    }
    if (id % 2 === 0) throw protocolError(`stream ${id}, but those of clients are odd`);
    if (id <= last) {
      stray(id, "HEADERS");
      return;
    }
    if (closing) return;
    last = id;
    const stream = new Stream(id, sender, methods.get(head.path), head, limits.streamWindow, peer.initialWindow);
    streams.set(id, stream);
    stream.halfClosed = endStream;
    if (head.problem !== undefined && !head.tooLarge) resetStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (streams.size > limits.streams) resetStream(stream, ErrorCode.REFUSED_STREAM);
    else {
      if (streams.size === 1) onActivity();
      requests.begin(stream);
      if (endStream && !stream.closed) requests.halfClose(stream);
    }
  }

  const blocks = createHeaderBlocks(limits.headerList, onBlock);

  const check = createFrameRules(blocks);

  function onSettings(flags: number, bytes: Buffer, start: number, end: number): void {
    if ((flags & Flag.ACK) !== 0) {
      if (end > start) throw frameSizeError("an acknowledgement of SETTINGS with settings in it");
      return;
    }
    const { initialWindow, headerTable } = peer;
    readSettings(peer, bytes, start, end);
    if (peer.headerTable !== headerTable) encoder.resize(peer.headerTable);
    outbox.write(settingsFrame(Flag.ACK, Buffer.alloc(0)));
    if (peer.initialWindow !== initialWindow) sender.shiftWindows(streams.values(), peer.initialWindow - initialWindow);
  }

  function onWindowUpdate(id: number, by: number): void {
    const stream = streams.get(id);
    if (id !== 0 && stream === undefined) {
      if (id > last && !closing) throw protocolError(`WINDOW_UPDATE for stream ${id}, which has not begun`);
      return;
    }
    if (by === 0) {
      if (stream === undefined) throw protocolError("a WINDOW_UPDATE of 0 for the connection");
      resetStream(stream, ErrorCode.PROTOCOL_ERROR);
    } else if (!sender.widen(stream, by)) {
      const code = ErrorCode.FLOW_CONTROL_ERROR;
      if (stream === undefined) throw new ConnectionError(code, "the connection's window is too large");
      resetStream(stream, code);
    }
  }

  function onReset(id: number): void {
    const stream = streams.get(id);
    if (stream === undefined) {
      if (id > last && !closing) throw protocolError(`RST_STREAM for stream ${id}, which has not begun`);
      return;
    }
    resets.spend();
    stream.abandon();
    stream.closed = true;
    sender.drop(stream);
    forget(stream);
  }

  function frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    check(type, flags, id, end - start);
    if (type === Type.HEADERS) {
      blocks.headers(flags, id, bytes, start, end);
      return;
    }
    frames.spend();
    switch (type) {
      case Type.CONTINUATION:
        blocks.continuation(flags, id, bytes, start, end);
        break;
      case Type.SETTINGS:
        onSettings(flags, bytes, start, end);
        break;
      case Type.WINDOW_UPDATE:
        onWindowUpdate(id, bytes.readUInt32BE(start) & 0x7fffffff);
        break;
      case Type.PING:
        if ((flags & Flag.ACK) !== 0) pings.shift()?.();
        else outbox.write(ping(Flag.ACK, bytes.subarray(start, end)));
        break;
      case Type.RST_STREAM:
        onReset(id);
        break;
      case Type.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE from a client");
    }
  }

  function dataBegins(id: number, flags: number, length: number): void {
    check(Type.DATA, flags, id, length);
    if (length < WORTHWHILE && (flags & Flag.END_STREAM) === 0) frames.spend();
    const stream = streams.get(id);
    if (stream === undefined && !(closing && id > last)) stray(id, "DATA");
    incoming.begins(stream, flags, length);
  }

  outbox.write(settingsFrame(0, ownSettings(limits)));
  outbox.write(windowUpdate(0, limits.connectionWindow - FIRST_CONNECTION_WINDOW));

  return {
    receive: createFrameReader({ frame, dataBegins, data: incoming.data, dataEnds: incoming.ends }, SMALLEST_MAX_FRAME),
    announceEnd: () => outbox.write(goAway(LARGEST_WINDOW, ErrorCode.NO_ERROR)),
    close: () => {
      closing = true;
      outbox.write(goAway(last, ErrorCode.NO_ERROR));
    },
    abandon: () => {
      deadlines.stop();
      for (const stream of [...streams.values()]) {
        stream.abandon();
        stream.closed = true;
        forget(stream);
      }
    },
    ping: (onAck) => {
      pings.push(onAck);
      outbox.write(ping(0, Buffer.alloc(HEADER - 1)));
    },
    get last() {
      return last;
    },
    get calls() {
      return streams.size;
    },
    get waiting() {
      return sender.waiting;
    },
    pump: sender.pump,
  };
}
