import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** From now on a connection closes with its last reply; those without a request under way close at once. */
  drain(): void;
}

/**
 * Knows which connections have requests under way. Node's own `closeIdleConnections` leaves those alone that have not
 * sent their first request, and a keep-alive connection that was busy stays open after its reply.
 */
export function trackConnections(server: Server): Connections {
  const sockets = new Map<Socket, Set<ServerResponse>>();
  let draining = false;

  server.on("connection", (socket: Socket) => {
    sockets.set(socket, new Set());
    socket.once("close", () => sockets.delete(socket));
  });
  server.prependListener("request", ({ socket }: IncomingMessage, reply: ServerResponse) => {
    const replies = sockets.get(socket);
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
      for (const [socket, replies] of sockets) {
        if (replies.size === 0) socket.destroy();
        for (const reply of replies) reply.shouldKeepAlive = false;
      }
    },
  };
}
