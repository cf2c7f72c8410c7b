import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** From now on a connection closes with its last reply; those without a request under way close at once. */
  drain(): void;
  /** Closes all connections as they are. */
  cut(): void;
}

/** Names a connection while it is open; with TLS its requests come through another socket than the one it came with. */
const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

type Connection = { readonly socket: Socket; readonly replies: Set<ServerResponse> };

/**
 * Knows which connections have requests under way. Node's own `closeIdleConnections` leaves those alone that have not
 * sent their first request or are in their TLS handshake, and a keep-alive connection that was busy stays open after its
 * reply.
 */
export function trackConnections(server: Server): Connections {
  const connections = new Map<string, Connection>();
  let draining = false;

  server.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    connections.set(peer, { socket, replies: new Set() });
    socket.once("close", () => {
      // By then another connection may have come from the same port.
      if (connections.get(peer)?.socket === socket) connections.delete(peer);
    });
  });
  server.prependListener("request", ({ socket }: IncomingMessage, reply: ServerResponse) => {
    const replies = connections.get(peerOf(socket))?.replies;
    replies?.add(reply);
    if (draining) reply.shouldKeepAlive = false;
    reply.once("close", () => {
      replies?.delete(reply);
      if (draining && replies?.size === 0) socket.destroySoon();
    });
  });

  return {
    drain: () => {
      draining = true;
      for (const { socket, replies } of connections.values()) {
        if (replies.size === 0) socket.destroy();
        for (const reply of replies) reply.shouldKeepAlive = false;
      }
    },
    cut: () => {
      for (const { socket } of connections.values()) socket.destroy();
    },
  };
}
