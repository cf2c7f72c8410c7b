import { once } from "node:events";
import { lstat, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { messageOf } from "../errors.js";
import type { Place } from "../listener.js";
import type { Logger } from "../logger.js";
import type { MainCalls } from "./calls.js";
import type { Thread } from "./thread-pool.js";

/** A function that makes another descriptor of what `fd` refers to, as POSIX' dup; it throws when there are too many. */
export type Duplicator = () => Promise<(fd: number) => number>;

/** Listens for all I/O threads, and deals the connections out: each goes to the thread that has the fewest. */
export interface Acceptor {
  /** The threads' calls for one place of one transport share a listener. */
  readonly listen: MainCalls["listen"];
  accepts(thread: Thread, listener: number): void;
  closed(thread: Thread): void;
  lost(thread: Thread): void;
  /** Accepts those who wait, then no more; resolves when each is some thread's. */
  close(): Promise<void>;
}

type Listening = {
  readonly id: number;
  readonly server: Server;
  readonly address: Promise<AddressInfo | string | null>;
};
type Load = { readonly listeners: Set<number>; connections: number };

export function createAcceptor({
  duplicator,
  log,
}: {
  readonly duplicator: Duplicator;
  readonly log: Logger;
}): Acceptor {
  const listeners = new Map<string, Listening>();
  const loads = new Map<Thread, Load>();
  /** Descriptors that no thread takes at the moment. */
  const waiting = new Map<number, number[]>();
  const handing = new Set<Promise<void>>();
  let duplicate: Awaited<ReturnType<Duplicator>>;
  let over = false;

  const loadOf = (thread: Thread): Load => {
    const known = loads.get(thread) ?? { listeners: new Set(), connections: 0 };
    loads.set(thread, known);
    return known;
  };

  function idlest(listener: number): [Thread, Load] | undefined {
    let found: [Thread, Load] | undefined;
    for (const each of loads) {
      if (!each[1].listeners.has(listener)) continue;
      if (!found || each[1].connections < found[1].connections) found = each;
    }
    return found;
  }

  function deal(listener: number, fd: number): void {
    const [thread, load] = idlest(listener) ?? [];
    if (!thread || !load) {
      if (over) new Socket({ fd }).destroy();
      else waiting.set(listener, [...(waiting.get(listener) ?? []), fd]);
      return;
    }
    load.connections++;
    // The last of those that have as few is next: short connections come to all by turns.
    loads.delete(thread);
    loads.set(thread, load);
    const handed = thread.channel.call("connection", { listener, fd }).catch((error: unknown) => {
      // A thread that ended before it took the connection has left it open.
      if (loads.has(thread)) log.error({ error }, `a connection was lost on its way to a thread: ${messageOf(error)}`);
      else deal(listener, fd);
    });
    handing.add(handed);
    void handed.finally(() => handing.delete(handed));
  }

  function accept(listener: number, socket: Socket): void {
    // The descriptor goes to another thread, where this socket's end must not close it.
    const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } | null };
    try {
      if (handle) deal(listener, duplicate(handle.fd));
    } catch (error) {
      log.error({ error }, `a connection cannot be handed to a thread: ${messageOf(error)}`);
    }
    socket.destroy();
  }

  function open(place: Place): Listening {
    const id = listeners.size;
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => accept(id, socket));
    const address = listenOn(server, place);
    address.catch(() => {});
    return { id, server, address };
  }

  return {
    listen: async ({ transport, place }) => {
      duplicate = await duplicator();
      const key = JSON.stringify([transport, place]);
      const listening = listeners.get(key) ?? open(place);
      listeners.set(key, listening);
      const bound = await listening.address;
      const { address, port } = bound as AddressInfo;
      if ("path" in place) return { listener: listening.id, host: place.path, port: 0 };
      return { listener: listening.id, host: address, port };
    },
    accepts: (thread, listener) => {
      loadOf(thread).listeners.add(listener);
      const those = waiting.get(listener) ?? [];
      waiting.delete(listener);
      for (const fd of those) deal(listener, fd);
    },
    closed: (thread) => {
      const load = loads.get(thread);
      if (load) load.connections--;
    },
    lost: (thread) => loads.delete(thread),
    close: async () => {
      // The second comes after a whole turn of the event loop, in which all who wait are accepted.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      over = true;
      await Promise.all(
        [...listeners.values()].map(async ({ server, address }) => {
          await address.catch(() => {});
          if (server.listening) await new Promise((resolve) => server.close(resolve));
        }),
      );
      for (const fd of [...waiting.values()].flat()) new Socket({ fd }).destroy();
      waiting.clear();
      while (handing.size > 0) await Promise.all(handing);
    },
  };
}

async function listenOn(server: Server, place: Place): Promise<AddressInfo | string | null> {
  if ("path" in place) {
    // An earlier process may have left its socket; any other kind of file is left alone, and listening fails.
    const found = await lstat(place.path).catch(() => undefined);
    if (found?.isSocket()) await rm(place.path, { force: true });
  }
  server.listen(place);
  await once(server, "listening");
  return server.address();
}
