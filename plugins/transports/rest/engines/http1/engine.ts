import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Host } from "../../../../../core/index.js";
import type { Engine, Serve } from "../../engine.js";
import type { RestOptions } from "../../options.js";
import { trackConnections } from "../connections.js";
import { logHandshakes, tlsSettings } from "../listen.js";
import { speak } from "../node/engine.js";
import { type Connection, createConnection } from "./connection.js";
import { LIMITS } from "./limits.js";

const settings = { noDelay: true, highWaterMark: 256 * 1024 };

/**
 * The fast engine: HTTP/1.1 of our own, straight on the sockets, for requests like those that clients send all day. A
 * connection on which another kind comes goes over to Node's HTTP server with it.
 */
export async function createHttp1Engine(
  serve: Serve,
  options: RestOptions,
  host: Host,
  limits = LIMITS,
): Promise<Engine> {
  const { tls, maxBodySize } = options;
  const acceptor = tls
    ? createTlsServer({ ...settings, ...(await tlsSettings(tls, host)), ALPNProtocols: ["http/1.1"] })
    : createServer({ ...settings, allowHalfOpen: true });
  if (tls) logHandshakes(acceptor, host);
  const connections = trackConnections(acceptor);

  const heir = createHttpServer();
  speak(heir, serve, connections, options);
  // It never listens; this begins its watch over slow requests.
  heir.emit("listening");
  const handOver = (socket: Socket) => {
    heir.emit("connection", socket);
    socket.resume();
  };

  const open = new Set<Connection>();
  const clock = { now: performance.now() };
  const looking = setInterval(() => {
    clock.now = performance.now();
    for (const connection of open) connection.look();
  }, limits.look).unref();

  acceptor.on(tls ? "secureConnection" : "connection", (socket: Socket) => {
    const onEnd = () => open.delete(connection);
    const connection = createConnection({
      socket,
      serve,
      limits,
      maxBodySize,
      clock,
      connections,
      handOver,
      onEnd,
    });
    open.add(connection);
  });

  return {
    acceptor,
    connections,
    close: () => {
      clearInterval(looking);
      acceptor.close();
      heir.close();
    },
  };
}
