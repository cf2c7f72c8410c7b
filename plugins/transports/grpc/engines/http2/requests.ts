import { Code, type Logger } from "../../../../../core/index.js";
import { type Status, toStatus } from "../../status.js";
import { decompress } from "./decompress.js";
import { ErrorCode } from "./error-code.js";
import type { Limits } from "./limits.js";
import { addBytes, addPrefix, isPrefixed, lengthOf, newPartial, PREFIX } from "./partial-message.js";
import type { Sender } from "./sender.js";
import type { Stream } from "./stream.js";
import { readTimeout } from "./timeout.js";

/** What comes on streams, as gRPC means it. */
export interface Requests {
  /** The headers are there. */
  begin(stream: Stream): void;
  data(stream: Stream, bytes: Buffer, start: number, end: number): void;
  /** The client has sent its last. */
  halfClose(stream: Stream): void;
}

export type RequestsParts = {
  readonly sender: Sender;
  readonly limits: Limits;
  readonly log: Logger;
  /** Bytes that a stream has the connection hold; false when they are too many. */
  readonly hold: (stream: Stream, bytes: number) => boolean;
  readonly onDeadline: (stream: Stream) => void;
};

const COMPRESSED = 1;

const tooManyMessages = (path: string) => `Received a second request message for server streaming method ${path}`;
const noMessage = (path: string) => `Received no request message for server streaming method ${path}`;

/**
 * Bytes of a request that is refused by its headers for whose end the answer waits: curl takes one that comes before it
 * has sent all for a broken stream.
 */
const PATIENCE = 64 * 1024;

export function createRequests({ sender, limits, log, hold, onDeadline }: RequestsParts): Requests {
  let unpacking: Promise<void> = Promise.resolve();

  /** Answers for the handler, which hears of it when it is at work. */
  function fail(stream: Stream, code: number, details: string): void {
    const status: Status = { code, details };
    if (stream.over) return;
    stream.abandon();
    sender.end(stream, status);
  }

  function checkMessage(stream: Stream, flag: number, length: number): boolean {
    if (flag > COMPRESSED) {
      fail(stream, Code.INTERNAL, `Received a message whose compressed flag is ${flag}`);
    } else if (length > limits.message) {
      fail(stream, Code.RESOURCE_EXHAUSTED, `Received message larger than max (${length} vs ${limits.message})`);
    } else return true;
    return false;
  }

  function holds(stream: Stream, bytes: number): boolean {
    if (hold(stream, bytes)) return true;
    fail(
      stream,
      Code.RESOURCE_EXHAUSTED,
      `the calls of this connection hold more than ${limits.held} bytes; wait for answers, or read them`,
    );
    return false;
  }

  function deliver(stream: Stream, message: Buffer): void {
    if (stream.over) return;
    stream.messages++;
    if (stream.listener !== undefined && stream.method?.kind === "bidi") stream.listener.message(message);
    else if (stream.messages > 1) fail(stream, Code.UNIMPLEMENTED, tooManyMessages(stream.head.path));
    else stream.request = message;
  }

  /** Runs what came while a message was decompressed, up to the next that is. */
  function resume(stream: Stream): void {
    const waiting = stream.waiting!;
    stream.waiting = undefined;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next();
      const added = stream.waiting as (() => void)[] | undefined;
      if (added === undefined) continue;
      added.push(...waiting);
      return;
    }
  }

  /** One at a time: only when a message is there is it known how much it makes the connection hold. */
  function unpack(stream: Stream, bytes: Buffer): void {
    stream.waiting = [];
    unpacking = unpacking.then(async () => {
      if (!stream.over) {
        const unpacked = await decompress(stream.head.encoding, bytes, limits.message);
        if (Buffer.isBuffer(unpacked)) {
          if (holds(stream, unpacked.length)) deliver(stream, unpacked);
        } else fail(stream, unpacked.code, unpacked.details);
      }
      resume(stream);
    });
  }

  function message(stream: Stream, flag: number, bytes: Buffer): void {
    if (stream.waiting !== undefined) stream.waiting.push(() => message(stream, flag, bytes));
    else if (flag === COMPRESSED) unpack(stream, bytes);
    else deliver(stream, bytes);
  }

  /** A message that is not whole in these bytes, or not the first part of it. Returns where it stopped. */
  function continuePartial(stream: Stream, bytes: Buffer, start: number, end: number): number {
    stream.partial ??= newPartial();
    const { partial } = stream;
    let pos = start;
    if (!isPrefixed(partial)) {
      pos = addPrefix(partial, bytes, pos, end);
      if (!isPrefixed(partial) || !checkMessage(stream, partial.prefix[0]!, lengthOf(partial))) return pos;
    }
    const room = partial.bytes.length;
    pos = addBytes(partial, stream.memory, bytes, pos, end);
    if (partial.bytes.length > room && !holds(stream, partial.bytes.length - room)) return pos;
    if (partial.filled === lengthOf(partial)) {
      stream.partial = undefined;
      message(stream, partial.prefix[0]!, partial.bytes);
    }
    return pos;
  }

  /** A message that lies in these bytes is handed on as a view of them. */
  function readMessages(stream: Stream, bytes: Buffer, start: number, end: number): void {
    let pos = start;
    while (pos < end && !stream.over) {
      if (stream.partial === undefined && end - pos >= PREFIX) {
        const length = bytes.readUInt32BE(pos + 1);
        const flag = bytes[pos]!;
        if (!checkMessage(stream, flag, length)) return;
        const stop = pos + PREFIX + length;
        if (stop <= end) {
          if (!holds(stream, length)) return;
          message(stream, flag, bytes.subarray(pos + PREFIX, stop));
          pos = stop;
          continue;
        }
      }
      pos = continuePartial(stream, bytes, pos, end);
    }
  }

  function run(stream: Stream, path: string): void {
    const { method } = stream;
    if (stream.over || method === undefined) return;
    try {
      if (stream.partial !== undefined) fail(stream, Code.INTERNAL, "The request ended within a message");
      else if (method.kind === "bidi") stream.listener?.halfClose();
      else if (stream.messages === 0) fail(stream, Code.UNIMPLEMENTED, noMessage(path));
      else if (method.kind === "unary") method.handle(stream);
      else {
        stream.listener = method.open(stream);
        stream.listener.message(stream.request);
        stream.listener.halfClose();
      }
    } catch (error) {
      stream.end(toStatus(error, log));
    }
  }

  /** What is wrong with a request by its headers alone, as what to tell the client; undefined where nothing is. */
  function refusalOf(stream: Stream): (() => void) | undefined {
    const { head, method } = stream;
    if (head.tooLarge) {
      return () => fail(stream, Code.RESOURCE_EXHAUSTED, `the metadata are larger than ${limits.headerList} bytes`);
    }
    if (head.method !== "POST") return () => sender.refuse(stream, 405);
    if (!head.contentType.startsWith("application/grpc")) return () => sender.refuse(stream, 415);
    if (method === undefined) {
      return () => fail(stream, Code.UNIMPLEMENTED, `The server does not implement the method ${head.path}`);
    }
    if (head.timeout !== undefined && readTimeout(head.timeout) === undefined) {
      return () => fail(stream, Code.INTERNAL, `Invalid grpc-timeout value "${head.timeout}"`);
    }
    return undefined;
  }

  function refuse(stream: Stream, refusal: () => void): void {
    stream.refusal = undefined;
    refusal();
  }

  return {
    begin: (stream) => {
      stream.refusal = refusalOf(stream);
      if (stream.refusal) return;
      const { head, method } = stream;
      if (head.timeout !== undefined) {
        stream.deadline = Date.now() + readTimeout(head.timeout)!;
        onDeadline(stream);
      }
      if (method?.kind === "bidi") stream.listener = method.open(stream);
    },
    data: (stream, bytes, start, end) => {
      if (stream.over) return;
      stream.received += end - start;
      if (!stream.refusal) readMessages(stream, bytes, start, end);
      else if (stream.received > PATIENCE) refuse(stream, stream.refusal);
    },
    halfClose: (stream) => {
      stream.halfClosed = true;
      if (stream.refusal) {
        refuse(stream, stream.refusal);
        return;
      }
      const { contentLength } = stream.head;
      if (contentLength !== undefined && !stream.over && contentLength !== stream.received) {
        stream.abandon();
        sender.reset(stream, ErrorCode.PROTOCOL_ERROR);
      } else if (stream.waiting !== undefined) stream.waiting.push(() => run(stream, stream.head.path));
      else run(stream, stream.head.path);
    },
  };
}
