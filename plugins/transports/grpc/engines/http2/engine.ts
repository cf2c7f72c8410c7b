import type { Server, Socket } from "node:net";
import type { Host } from "../../../../../core/index.js";
import type { GrpcEngine } from "../../engine.js";
import type { GrpcOptions } from "../../options.js";
import { type Connection, createConnection } from "./connection.js";
import { limitsOf } from "./limits.js";
import { listen } from "./listeners.js";

/** The fast engine: HTTP/2 of our own, straight on the sockets. */
export function createHttp2Engine(host: Host, options: GrpcOptions): GrpcEngine {
  const limits = limitsOf(options);
  const { log } = host;
  /** By their sockets; those of TLS handshakes that are not done have none yet. */
  const connections = new Map<Socket, Connection | undefined>();
  let servers: readonly Server[] = [];
  let drained: (() => void) | undefined;
  let draining = false;

  function closed(socket: Socket): void {
    connections.delete(socket);
    if (connections.size === 0) drained?.();
  }

  function cut(): void {
    for (const [socket, connection] of connections) {
      if (connection) connection.destroy();
      else socket.destroy();
    }
  }

  return {
    listen: async (methods) => {
      const listeners = await listen(options, host, limits.handshake, (socket) => {
        const connection = createConnection({ socket, methods, limits, log, onClosed: () => closed(socket) });
        connections.set(socket, connection);
        if (draining) connection.drain();
      });
      servers = listeners.servers;
      return listeners.address;
    },
    announceEnd: () => {
      for (const connection of connections.values()) connection?.announceEnd();
    },
    drain: (deadline) =>
      new Promise((resolve) => {
        draining = true;
        const end = () => {
          deadline.removeEventListener("abort", cut);
          resolve();
        };
        for (const server of servers) server.close();
        for (const connection of [...connections.values()]) connection?.drain();
        if (connections.size === 0) end();
        else drained = end;
        deadline.addEventListener("abort", cut, { once: true });
        if (deadline.aborted) cut();
      }),
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.close();
      cut();
    },
  };
}
