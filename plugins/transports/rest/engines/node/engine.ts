import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Host } from "../../../../../core/index.js";
import type { Engine, Serve } from "../../engine.js";
import type { RestOptions } from "../../options.js";
import { errorBody } from "../../reply.js";
import { type Connections, trackConnections } from "../connections.js";
import { isHost } from "../host-name.js";
import { logHandshakes, tlsSettings } from "../listen.js";
import { exchangeOf } from "./exchange.js";
import { trackReplies } from "./replies.js";

/** Node could read the request, but no URL can be made of what it says to be its host. */
const BAD_HOST = { status: 400, headers: { "Content-Type": "application/json" } };

/** Has `server` answer by `serve`, and tell `connections` of its requests. */
export function speak(
  server: Server,
  serve: Serve,
  connections: Connections,
  { maxBodySize }: Pick<RestOptions, "maxBodySize">,
): void {
  trackReplies(server, connections);
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const exchange = exchangeOf(incoming, outgoing, maxBodySize);
    const { host = "" } = incoming.headers;
    if (isHost(host)) serve(exchange);
    else
      exchange.reply(
        BAD_HOST.status,
        BAD_HOST.headers,
        errorBody(`Malformed request: no host ${JSON.stringify(host)}`),
      );
  });
  // A client that waits for leave to send learns at once that its body is too large.
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!(Number(incoming.headers["content-length"]) > maxBodySize)) outgoing.writeContinue();
    server.emit("request", incoming, outgoing);
  });
}

/** Node's own HTTP: takes all that HTTP/1.1 knows. */
export async function createNodeEngine(serve: Serve, options: RestOptions, host: Host): Promise<Engine> {
  const { tls } = options;
  const acceptor = tls ? createTlsServer(await tlsSettings(tls, host)) : createServer();
  if (tls) logHandshakes(acceptor, host);
  const connections = trackConnections(acceptor);
  speak(acceptor, serve, connections, options);
  return { acceptor, connections, close: () => acceptor.close() };
}
