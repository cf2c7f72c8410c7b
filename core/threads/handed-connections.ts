import { Socket } from "node:net";
import type { ConnectionOptions, Listener } from "../listener.js";
import type { MainCalls, ThreadCalls } from "./calls.js";
import type { Channel } from "./channel.js";

type Accept = { readonly accept: (socket: Socket) => void; readonly options: ConnectionOptions };

/** The connections that the main thread accepts for this one. */
export interface HandedConnections extends Pick<ThreadCalls, "connection"> {
  /** For one transport, by its place in the config. `asked` says whether it has made use of it. */
  listenerFor(transport: number): Listener & { readonly asked: boolean };
}

export function createHandedConnections(channel: Channel<MainCalls>): HandedConnections {
  const accepting = new Map<number, Accept>();
  return {
    listenerFor: (transport) => {
      let asked = false;
      return {
        get asked() {
          return asked;
        },
        listen: async (place, accept, options = {}) => {
          asked = true;
          const { listener, host, port } = await channel.call("listen", { transport, place });
          accepting.set(listener, { accept, options });
          channel.tell("accepts", listener);
          return { host, port };
        },
      };
    },
    connection: ({ listener, fd }) => {
      const { accept, options } = accepting.get(listener)!;
      const { halfOpen = false, ...reading } = options;
      const socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: halfOpen, ...reading });
      socket.once("close", () => channel.tell("closed", undefined));
      // Once the main thread has been answered: what fails in there must not leave it in doubt about who owns the socket.
      process.nextTick(accept, socket);
    },
  };
}
