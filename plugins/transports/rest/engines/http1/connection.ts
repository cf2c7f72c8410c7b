import type { Socket } from "node:net";
import { ServingError } from "../../../../../core/index.js";
import type { Exchange, ReplyHeaders, Serve } from "../../engine.js";
import type { Connections, Connection as Known, Reader } from "../connections.js";
import { isHost } from "../host-name.js";
import { type Collected, collectBody } from "./body.js";
import { type Head, readHead } from "./head.js";
import type { Limits } from "./limits.js";
import { flushReplies, writeReply } from "./write-reply.js";

export type ConnectionParts = {
  readonly socket: Socket;
  readonly serve: Serve;
  readonly limits: Limits;
  readonly maxBodySize: number;
  /** Milliseconds, as of the last look at all connections: nothing here needs them finer. */
  readonly clock: { readonly now: number };
  readonly connections: Connections;
  /** From here on the socket, paused, and all that has been read and not answered, are somebody else's. */
  readonly handOver: (socket: Socket) => void;
  /** The connection is over, or handed over. */
  readonly onEnd: () => void;
};

export interface Connection {
  /** Ends what has taken too long. */
  look(): void;
}

const none = Buffer.alloc(0);

const TIMED_OUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/**
 * Reads the requests of one connection and answers them one after the other. What is in any way unusual is handed over,
 * with all that follows it, before anything of it is acted upon: at the beginning of a request, when those before are
 * answered.
 */
export function createConnection(parts: ConnectionParts): Connection {
  const { socket, serve, limits, maxBodySize, clock, connections } = parts;
  const known: Known | undefined = connections.of(socket);
  /** What has come, from `at` on, of requests that are not begun. */
  let input: Buffer = none;
  let at = 0;
  /** The request whose body is coming, and that one that is being answered: never both. */
  let coming: Head | undefined;
  let collected: Collected | undefined;
  let current: Exchange | undefined;
  let keepAlive = true;
  let advancing = false;
  let over = false;
  let first = true;
  let since = clock.now;

  const reader: Reader = {
    get busy() {
      return current !== undefined || coming !== undefined;
    },
    // A reply asks when it is written.
    announceEnd: () => {},
  };
  if (known !== undefined) known.reader = reader;

  function answer(status: number, headers: ReplyHeaders, body: string | Uint8Array): void {
    current = undefined;
    since = clock.now;
    // Those who wait behind it in what has come are still answered.
    const last = !keepAlive || (connections.ending && at === input.length);
    if (last) over = true;
    writeReply(socket, status, headers, body, last);
    if (last) socket.destroySoon();
    else if (known !== undefined) connections.answered(known, true);
    if (over || advancing) return;
    // In another turn, for others have requests too.
    if (at < input.length) setImmediate(advance);
    else if (socket.isPaused()) advance();
  }

  /** `body` is undefined when the client left before its end. */
  function begin(head: Head, body: Buffer | undefined): void {
    first = false;
    keepAlive = head.keepAlive;
    const exchange: Exchange = {
      method: head.method,
      target: head.target,
      origin: undefined,
      priority: head.priority,
      body: () => {
        if (body === undefined) throw new ServingError("CANCELLED", "the client left before its request was complete");
        return body;
      },
      reply: (status, headers, bytes) => {
        if (current === exchange) answer(status, headers, bytes);
      },
      get left() {
        return current !== exchange;
      },
      onLeft: undefined,
    };
    if (body !== undefined) current = exchange;
    serve(exchange);
  }

  function handOver(): void {
    over = true;
    flushReplies();
    socket.off("data", onData).off("drain", advance).off("end", onEnd).off("close", onClose).off("error", onError);
    socket.pause();
    if (at < input.length) socket.unshift(input.subarray(at));
    input = none;
    if (known !== undefined) known.reader = undefined;
    parts.onEnd();
    parts.handOver(socket);
  }

  /** Begins the request at `at`. False when it is not there yet, or never will be. */
  function next(): boolean {
    const head = readHead(input, at);
    if (head === "partial" && input.length - at <= limits.head) return false;
    if (typeof head === "string" || head.end - at > limits.head || head.length > maxBodySize || !isHost(head.host)) {
      handOver();
      return false;
    }
    const end = head.end + head.length;
    if (end <= input.length) {
      at = end;
      begin(head, input.subarray(head.end, end));
      return true;
    }
    coming = head;
    collected = collectBody(head.length);
    at = collected.take(input, head.end);
    return false;
  }

  function advance(): void {
    advancing = true;
    while (!over && !reader.busy && at < input.length && !socket.writableNeedDrain) if (!next()) break;
    advancing = false;
    if (over) return;
    if (at === input.length) {
      input = none;
      at = 0;
    }
    const full = input.length - at > limits.ahead || (socket.writableNeedDrain && !reader.busy);
    if (full !== socket.isPaused()) full ? socket.pause() : socket.resume();
  }

  function onData(chunk: Buffer): void {
    if (over) return;
    if (coming !== undefined && collected !== undefined) {
      const rest = collected.take(chunk, 0);
      if (!collected.whole) return;
      const head = coming;
      const { bytes } = collected;
      input = chunk;
      at = rest;
      coming = undefined;
      collected = undefined;
      advancing = true;
      begin(head, bytes);
    } else {
      if (at === input.length) since = clock.now;
      input = at < input.length ? Buffer.concat([input.subarray(at), chunk]) : chunk;
      at = 0;
    }
    advance();
  }

  /** The client has left: who works for it hears so. */
  function leave(): void {
    if (over) return;
    over = true;
    const head = coming;
    const exchange = current;
    coming = undefined;
    collected = undefined;
    current = undefined;
    input = none;
    at = 0;
    if (head !== undefined) begin(head, undefined);
    exchange?.onLeft?.();
  }

  function close(): void {
    flushReplies();
    socket.destroySoon();
  }

  // Whether it has closed both sides or one cannot be seen before something is written to it.
  function onEnd(): void {
    leave();
    close();
  }

  function onClose(): void {
    leave();
    parts.onEnd();
  }

  // What follows it, the close, is what counts.
  function onError(): void {}

  socket.on("data", onData).on("drain", advance).on("end", onEnd).on("close", onClose).on("error", onError);

  return {
    look: () => {
      const passed = clock.now - since;
      if (over || current !== undefined) return;
      if (coming !== undefined) {
        if (passed <= limits.request) return;
        flushReplies();
        socket.write(TIMED_OUT);
        leave();
        close();
      } else if (socket.writableNeedDrain) return;
      // A head that comes so slowly is Node's to watch.
      else if (at < input.length && passed > limits.look) handOver();
      else if (passed > (first ? limits.silence : limits.keepAlive)) close();
    },
  };
}
