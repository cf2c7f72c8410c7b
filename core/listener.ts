import type { Socket } from "node:net";
import { token } from "./container.js";

/** Where connections are waited for. A `path` is a UNIX socket's; one that an earlier process left there is replaced. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

export type ConnectionOptions = {
  /** Whether a connection whose client has ended its side is left open, as HTTP/1 servers want it. */
  readonly halfOpen?: boolean;
  /** Bytes that are read ahead; Node's default when absent. */
  readonly highWaterMark?: number;
};

/**
 * Waits for connections in a transport's stead. Where the server has several I/O threads, each has its own transports
 * behind one port, and connections are dealt out among them. A transport that is given one opens nothing itself; what it
 * accepts is its own until it closes. The listener ends by itself, before the transports drain.
 */
export interface Listener {
  /**
   * Hands each connection on, paused, before anything was read from it. Other threads may have asked for the same place.
   * @returns the address that was bound; a socket's is its path and port 0
   * @throws Error with Node's `code`, such as EADDRINUSE
   */
  listen(
    place: Place,
    accept: (socket: Socket) => void,
    options?: ConnectionOptions,
  ): Promise<{ readonly host: string; readonly port: number }>;
}

/** Stands for undefined where transports are to open their ports themselves. */
export const ListenerToken = token<Listener | undefined>("Listener");
