import type { Server, Socket } from "node:net";

/** Who reads requests from a connection. */
export interface Reader {
  /** Whether a request is under way. */
  readonly busy: boolean;
  /** The replies that are still to come say that the connection closes: the last of them, no other. */
  announceEnd(): void;
}

export type Connection = {
  /** What it came with. */
  readonly raw: Socket;
  /** What its requests come through: with TLS, after the handshake, not the raw one. */
  socket: Socket;
  /** None before its first request. */
  reader: Reader | undefined;
};

export interface Connections {
  /** Whether replies say that their connection closes. */
  readonly ending: boolean;
  /** The open connection whose requests come through `socket`. */
  of(socket: Socket): Connection | undefined;
  /** A reply has left; `kept` says that it did not announce the connection's end. */
  answered(connection: Connection, kept: boolean): void;
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

const isBusy = ({ reader }: Connection) => reader?.busy === true;

/** Ends the connection after a time without a byte, unless a request came: its reply ends it then. */
function endWhenQuiet(connection: Connection): void {
  const { raw } = connection;
  const before = raw.bytesRead;
  const look = () => {
    if (raw.destroyed || isBusy(connection)) return;
    if (raw.bytesRead !== before) endWhenQuiet(connection);
    else connection.socket.destroySoon();
  };
  // After a busy while timers run before the sockets are read; immediates run after.
  setTimeout(() => setImmediate(look), GRACE).unref();
}

/** Knows the connections that `acceptor` takes; their readers say which have requests under way. */
export function trackConnections(acceptor: Server): Connections {
  const connections = new Map<string, Connection>();
  let ending = false;
  let draining = false;
  let over = false;
  let quiet = false;
  let wake = () => {};

  acceptor.on("connection", (raw: Socket) => {
    const peer = peerOf(raw);
    const connection: Connection = { raw, socket: raw, reader: undefined };
    connections.set(peer, connection);
    raw.once("close", () => {
      // By then another connection may have come from the same port.
      if (connections.get(peer)?.raw === raw) connections.delete(peer);
      wake();
    });
    if (over) raw.destroy();
    else if (draining) endWhenQuiet(connection);
  });
  acceptor.on("secureConnection", (socket: Socket) => {
    const connection = connections.get(peerOf(socket));
    if (connection !== undefined) connection.socket = socket;
  });

  function announceEnd(): void {
    ending = true;
    for (const { reader } of connections.values()) reader?.announceEnd();
  }

  return {
    get ending() {
      return ending;
    },
    of: (socket) => connections.get(peerOf(socket)),
    answered: (connection, kept) => {
      if (!draining || isBusy(connection)) return;
      // The client of a reply that said nothing may have sent its next request.
      if (kept) endWhenQuiet(connection);
      else connection.socket.destroySoon();
    },
    announceEnd,
    drain: async () => {
      draining = true;
      announceEnd();
      for (const connection of connections.values()) if (!isBusy(connection)) endWhenQuiet(connection);
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
