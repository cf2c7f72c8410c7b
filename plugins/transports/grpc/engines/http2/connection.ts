import type { Socket } from "node:net";
import { type Logger, messageOf } from "../../../../../core/index.js";
import type { Methods } from "../../engine.js";
import { ConnectionError, ErrorCode } from "./error-code.js";
import { goAway } from "./frames/writer.js";
import { watchLifetime } from "./lifetime.js";
import type { Limits } from "./limits.js";
import { createOutbox } from "./outbox.js";
import { createGreeter, httpRefusal } from "./preface.js";
import { createSession, type Session } from "./session.js";

/** How long a client may take to end its side once all is said, in milliseconds. */
const LINGER = 1000;

export interface Connection {
  announceEnd(): void;
  /** Finishes the calls under way, takes no new ones, then closes. */
  drain(): void;
  /** Cuts it. */
  destroy(): void;
}

export type ConnectionParts = {
  readonly socket: Socket;
  readonly methods: Methods;
  readonly limits: Limits;
  readonly log: Logger;
  readonly onClosed: () => void;
};

export function createConnection({ socket, methods, limits, log, onClosed }: ConnectionParts): Connection {
  const outbox = createOutbox(socket);
  const greet = createGreeter();
  let session: Session | undefined;
  let announced = false;
  let draining = false;
  let ended = false;

  const handshake = setTimeout(() => socket.destroy(), limits.handshake).unref();
  const lifetime = watchLifetime({
    limits,
    outbox,
    calls: () => session?.calls ?? 0,
    waiting: () => session?.waiting ?? 0,
    ping: (onAck) => session?.ping(onAck),
    announceEnd,
    drain,
    fail: (text) => {
      if (ended) socket.destroy();
      else fail(new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, text));
    },
    destroy: () => socket.destroy(),
  });

  const linger = () => setTimeout(() => socket.destroy(), LINGER).unref();

  /** Sends what is left, then waits for the client to end its side: closing at once might take from it what was sent. */
  function end(): void {
    if (ended) return;
    ended = true;
    outbox.flush();
    socket.end(linger);
  }

  function endWhenDone(): void {
    if (draining && session !== undefined && session.calls === 0) end();
  }

  function fail(error: unknown): void {
    const known = error instanceof ConnectionError;
    if (known) log.debug({ error }, `a gRPC connection was ended: ${error.message}`);
    else log.error({ error }, "a gRPC connection failed unexpectedly");
    const code = known ? error.code : ErrorCode.INTERNAL_ERROR;
    outbox.write(goAway(session?.last ?? 0, code, known ? messageOf(error) : ""));
    session?.abandon();
    end();
    // It may not even read what it is told.
    linger();
  }

  function announceEnd(): void {
    announced = true;
    if (!ended) session?.announceEnd();
  }

  function begin(rest: Buffer): void {
    clearTimeout(handshake);
    session = createSession({
      outbox,
      methods,
      limits,
      log,
      onActivity: () => {
        lifetime.onActivity();
        endWhenDone();
      },
    });
    lifetime.begin();
    session.receive(rest);
    if (draining) drain();
    else if (announced) announceEnd();
  }

  function receive(piece: Buffer): void {
    if (ended) return;
    try {
      if (session !== undefined) session.receive(piece);
      else {
        const greeting = greet(piece);
        if (greeting.kind === "http2") begin(greeting.rest);
        else if (greeting.kind === "http1") {
          outbox.write(httpRefusal);
          end();
        } else if (greeting.kind === "unknown") {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "no HTTP/2 preface");
        }
      }
    } catch (error) {
      fail(error);
    }
  }

  function drain(): void {
    draining = true;
    if (ended) return;
    if (session === undefined) {
      // Nothing was asked on it yet.
      socket.destroy();
      return;
    }
    session.close();
    endWhenDone();
  }

  socket.on("data", (piece: Buffer) => {
    receive(piece);
    // Who does not read answers is not asked for more questions; each might have an answer without any message.
    if (outbox.full) socket.pause();
  });
  socket.on("drain", () => {
    session?.pump();
    if (!outbox.full) socket.resume();
  });
  // Its close follows.
  socket.on("error", (error) => log.debug({ error }, "a gRPC connection broke"));
  socket.on("close", () => {
    ended = true;
    clearTimeout(handshake);
    lifetime.stop();
    session?.abandon();
    onClosed();
  });

  return {
    announceEnd,
    drain,
    destroy: () => socket.destroy(),
  };
}
