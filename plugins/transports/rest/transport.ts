import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type Host, ListenerToken, messageOf, readTls, type Transport } from "../../../core/index.js";
import { createApp } from "./app.js";
import { type Connections, trackConnections } from "./connections.js";
import type { RestOptions } from "./options.js";
import { errorBody } from "./reply.js";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; stop what listens there, or choose another by --rest_api_port or "port" in a config',
  EACCES: 'no permission; ports below 1024 need one: choose a higher one by --rest_api_port or "port" in a config',
  EADDRNOTAVAIL: 'this machine has no such address; set "host" to one it has',
  ENOTFOUND: 'this host name is not known; set "host" to an address of this machine',
};

/** In milliseconds; a client that takes longer is not about to send a request. */
const HANDSHAKE_TIMEOUT = 10_000;

function listenError(error: unknown, { host, port }: RestOptions): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new Error(`rest: cannot listen on ${host}:${port}: ${reasons[code] ?? messageOf(error)}`, { cause: error });
}

/** A request that Node could read but no URL can be made of, such as one with a bad Host header. */
const malformed = (error: unknown): Response =>
  new Response(errorBody(`Malformed request: ${messageOf(error)}`), {
    status: 400,
    headers: { "Content-Type": "application/json" },
  });

async function serverOf(listener: RequestListener, { tls }: RestOptions, { baseDir, log }: Host): Promise<Server> {
  if (tls === undefined) return createServer(listener);
  const { key, cert, clientCa: ca, clientVerify } = await readTls(tls, baseDir);
  const client = { requestCert: clientVerify, rejectUnauthorized: clientVerify, ...(ca !== undefined && { ca }) };
  const server = createTlsServer({ key, cert, ...client, handshakeTimeout: HANDSHAKE_TIMEOUT }, listener);
  server.on("tlsClientError", (error) => log.debug({ error }, `a TLS handshake failed: ${messageOf(error)}`));
  return server;
}

type Bound = { readonly host: string; readonly port: number };

async function listenOn(server: Server, host: Host, { host: name, port, tls }: RestOptions): Promise<Bound> {
  const listener = host.get(ListenerToken);
  if (listener) {
    const bound = await listener.listen({ host: name, port }, (socket) => server.emit("connection", socket), {
      halfOpen: tls === undefined,
    });
    // Begins the watch over slow requests.
    server.emit("listening");
    return bound;
  }
  server.listen(port, name);
  await once(server, "listening");
  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

export function createRestTransport(host: Host, options: RestOptions): Transport {
  let server: Server | undefined;
  let connections: Connections | undefined;

  let closed: Promise<unknown> | undefined;

  const drain: Transport["drain"] = async (deadline) => {
    if (server === undefined) return;
    const draining = server;
    if (closed === undefined) {
      // A server whose connections were handed to it does not wait for their end by itself.
      closed = Promise.all([once(draining, "close"), connections?.ended()]);
      connections?.drain().then(() => draining.close());
    }
    const cut = () => connections?.cut();
    if (deadline.aborted) cut();
    deadline.addEventListener("abort", cut, { once: true });
    await closed;
    deadline.removeEventListener("abort", cut);
  };

  return {
    listen: async (frontend) => {
      const app = createApp(frontend, options, host);
      const listener = getRequestListener(app.fetch, {
        hostname: options.host,
        overrideGlobalObjects: false,
        autoCleanupIncoming: false,
        errorHandler: malformed,
      });
      const starting = await serverOf(listener, options, host);
      connections = trackConnections(starting);
      // A client that waits for leave to send learns at once that its body is too large.
      starting.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
        if (!(Number(incoming.headers["content-length"]) > options.maxBodySize)) outgoing.writeContinue();
        starting.emit("request", incoming, outgoing);
      });
      const bound = await listenOn(starting, host, options).catch((error: unknown) => {
        throw listenError(error, options);
      });
      server = starting;
      return { protocol: "rest", ...bound, ...(options.tls && { secure: true }) };
    },
    announceEnd: () => connections?.announceEnd(),
    drain,
    [Symbol.asyncDispose]: () => drain(AbortSignal.abort()),
  };
}
