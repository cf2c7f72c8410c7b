import type { Socket } from "node:net";
import type { Host } from "../../../../../core/index.js";
import type { GrpcEngine, Methods } from "../../engine.js";
import type { GrpcOptions } from "../../options.js";
import { type Connection, createConnection } from "./connection.js";
import { limitsOf } from "./limits.js";
import { type Listeners, listen } from "./listeners.js";

/** The fast engine: HTTP/2 of our own, straight on the sockets. */
export function createHttp2Engine(host: Host, options: GrpcOptions): GrpcEngine {
  const limits = limitsOf(options);
  const { log } = host;
  const connections = new Set<Connection>();
  let listeners: Listeners | undefined;
  let drained: (() => void) | undefined;
  let ending = false;
  let draining = false;

  function accept(socket: Socket, methods: Methods): void {
    const connection = createConnection({
      socket,
      methods,
      limits,
      log,
      onClosed: () => {
        connections.delete(connection);
        if (connections.size === 0) drained?.();
      },
    });
    connections.add(connection);
    if (draining) connection.drain();
    else if (ending) connection.announceEnd();
  }

  function cut(): void {
    for (const connection of connections) connection.destroy();
  }

  return {
    listen: async (methods) => {
      listeners = await listen(options, host, limits.handshake, (socket) => accept(socket, methods));
      return listeners.address;
    },
    announceEnd: () => {
      ending = true;
      for (const connection of connections) connection.announceEnd();
    },
    drain: (deadline) =>
      new Promise((resolve) => {
        draining = true;
        const end = () => {
          deadline.removeEventListener("abort", cut);
          resolve();
        };
        listeners?.close();
        for (const connection of [...connections]) connection.drain();
        if (connections.size === 0) end();
        else drained = end;
        deadline.addEventListener("abort", cut, { once: true });
        if (deadline.aborted) cut();
      }),
    [Symbol.asyncDispose]: async () => {
      listeners?.close();
      cut();
    },
  };
}
