import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Connection, Connections, Reader } from "../connections.js";

type Replies = Reader & { readonly replies: Set<ServerResponse> };

function createReader(): Replies {
  const replies = new Set<ServerResponse>();
  return {
    replies,
    get busy() {
      return replies.size > 0;
    },
    announceEnd: () => {
      const last = [...replies].at(-1);
      for (const reply of replies) if (!reply.headersSent) reply.shouldKeepAlive = reply !== last;
    },
  };
}

/**
 * Tells `connections` which of them have requests under way. Node's own `closeIdleConnections` leaves those alone that
 * have not sent their first request or are in their TLS handshake, and a keep-alive connection that was busy stays open
 * after its reply. The others it resets, though a request may have come on them that nobody has read yet.
 */
export function trackReplies(server: Server, connections: Connections): void {
  const readers = new WeakMap<Connection, Replies>();
  // `close` calls it.
  server.closeIdleConnections = () => {};

  server.prependListener("request", ({ socket }: IncomingMessage, reply: ServerResponse) => {
    const connection = connections.of(socket);
    if (connection === undefined) return;
    const reader = readers.get(connection) ?? createReader();
    readers.set(connection, reader);
    connection.reader = reader;
    reader.replies.add(reply);
    if (connections.ending) reader.announceEnd();
    reply.once("close", () => {
      reader.replies.delete(reply);
      connections.answered(connection, reply.shouldKeepAlive);
    });
  });
}
