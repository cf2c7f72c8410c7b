import { once } from "node:events";
import type { Frontend, Host, Transport } from "../../../core/index.js";
import { createApp } from "./app.js";
import type { Engine, Serve } from "./engine.js";
import { listenOn } from "./engines/listen.js";
import type { RestOptions } from "./options.js";

/** Only the engine that is chosen is loaded first; the other one comes with it where it needs it. */
async function createEngine(serve: Serve, options: RestOptions, host: Host): Promise<Engine> {
  if (options.engine === "http1")
    return (await import("./engines/http1/engine.js")).createHttp1Engine(serve, options, host);
  return (await import("./engines/node/engine.js")).createNodeEngine(serve, options, host);
}

export function createRestTransport(host: Host, options: RestOptions): Transport {
  let engine: Engine | undefined;
  let closed: Promise<unknown> | undefined;

  async function drain(deadline: AbortSignal): Promise<void> {
    if (engine === undefined) return;
    const { acceptor, connections, close } = engine;
    if (closed === undefined) {
      // A server whose connections were handed to it does not wait for their end by itself.
      closed = Promise.all([once(acceptor, "close"), connections.ended()]);
      connections.drain().then(close);
    }
    const cut = () => connections.cut();
    if (deadline.aborted) cut();
    deadline.addEventListener("abort", cut, { once: true });
    await closed;
    deadline.removeEventListener("abort", cut);
  }

  return {
    listen: async (frontend: Frontend) => {
      const created = await createEngine(createApp(frontend, options, host), options, host);
      const bound = await listenOn(created.acceptor, host, options).catch((error: unknown) => {
        created.close();
        throw error;
      });
      engine = created;
      return { protocol: "rest", ...bound, ...(options.tls && { secure: true }) };
    },
    announceEnd: () => engine?.connections.announceEnd(),
    drain,
    [Symbol.asyncDispose]: () => drain(AbortSignal.abort()),
  };
}
