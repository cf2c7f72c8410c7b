import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** From now on replies say that their connection closes, which it does then; those without a request stay. */
  announceEnd(): void;
  /**
   * From now on a connection closes with its last reply, which says so, or when nothing has come on it for a while.
   * Resolves when the connections that waited to be accepted are among them: then the server may close.
   */
  drain(): Promise<void>;
  /** Resolves when there is no connection while none comes any more. */
  ended(): Promise<void>;
  /** Closes all connections as they are, those too that come yet. */
  cut(): void;
}

/** In milliseconds: what a client wrote before it could know of the end has come by then. */
const GRACE = 200;

/** Names a connection while it is open; with TLS its requests come through another socket than the one it came with. */
const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

type Connection = {
  /** What it came with. */
  readonly raw: Socket;
  /** What its requests come through: with TLS, after the handshake, not the raw one. */
  socket: Socket;
  readonly replies: Set<ServerResponse>;
};

/** Has the last reply say that the connection closes with it; those before, of pipelined requests, must not. */
function closeWithLast(replies: ReadonlySet<ServerResponse>): void {
  const last = [...replies].at(-1);
  for (const reply of replies) if (!reply.headersSent) reply.shouldKeepAlive = reply !== last;
}

/** Ends the connection after a time without a byte, unless a request came: its reply ends it then. */
function endWhenQuiet(connection: Connection): void {
  const { raw, replies } = connection;
  const before = raw.bytesRead;
  const look = () => {
    if (raw.destroyed || replies.size > 0) return;
    if (raw.bytesRead !== before) endWhenQuiet(connection);
    else connection.socket.destroySoon();
  };
  // After a busy while timers run before the sockets are read; immediates run after.
  setTimeout(() => setImmediate(look), GRACE).unref();
}

/**
 * Knows which connections have requests under way. Node's own `closeIdleConnections` leaves those alone that have not
 * sent their first request or are in their TLS handshake, and a keep-alive connection that was busy stays open after its
 * reply. The others it resets, though a request may have come on them that nobody has read yet.
 */
export function trackConnections(server: Server): Connections {
  const connections = new Map<string, Connection>();
  let ending = false;
  let draining = false;
  let over = false;
  let quiet = false;
  let wake = () => {};
  // `close` calls it.
  server.closeIdleConnections = () => {};

  server.on("connection", (raw: Socket) => {
    const peer = peerOf(raw);
    const connection: Connection = { raw, socket: raw, replies: new Set() };
    connections.set(peer, connection);
    raw.once("close", () => {
      // By then another connection may have come from the same port.
      if (connections.get(peer)?.raw === raw) connections.delete(peer);
      wake();
    });
    if (over) raw.destroy();
    else if (draining) endWhenQuiet(connection);
  });
  server.on("secureConnection", (socket: Socket) => {
    const connection = connections.get(peerOf(socket));
    if (connection !== undefined) connection.socket = socket;
  });
  server.prependListener("request", ({ socket }: IncomingMessage, reply: ServerResponse) => {
    const connection = connections.get(peerOf(socket));
    if (connection === undefined) return;
    const { replies } = connection;
    replies.add(reply);
    if (ending) closeWithLast(replies);
    reply.once("close", () => {
      replies.delete(reply);
      if (!draining || replies.size > 0) return;
      // The client of a reply that said nothing may have sent its next request.
      if (reply.shouldKeepAlive) endWhenQuiet(connection);
      else socket.destroySoon();
    });
  });

  function announceEnd(): void {
    ending = true;
    for (const { replies } of connections.values()) closeWithLast(replies);
  }

  return {
    announceEnd,
    drain: async () => {
      draining = true;
      announceEnd();
      for (const connection of connections.values()) {
        if (connection.replies.size === 0) endWhenQuiet(connection);
      }
      // The second comes after a whole turn of the event loop, in which the server accepts all who wait.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      quiet = true;
      wake();
    },
    ended: () =>
      new Promise((resolve) => {
        wake = () => {
          if (quiet && connections.size === 0) resolve();
        };
        wake();
      }),
    cut: () => {
      over = true;
      for (const { raw } of connections.values()) raw.destroy();
    },
  };
}
