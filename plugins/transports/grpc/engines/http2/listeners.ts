import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { type Address, type Host, readTls } from "../../../../../core/index.js";
import { bracketed, listenError, removeSocket } from "../../listen-error.js";
import type { GrpcOptions } from "../../options.js";

type OnSocket = (socket: Socket) => void;

/** Read from the socket at a time; less of it for a request of some hundred kilobytes costs a third of the throughput. */
const settings = { noDelay: true, highWaterMark: 256 * 1024 };

async function tlsServer({ tls }: GrpcOptions, { baseDir, log }: Host, timeout: number, onSocket: OnSocket) {
  const { key, cert, clientCa, clientVerify } = await readTls(tls!, baseDir);
  const server = createTlsServer(
    {
      ...settings,
      key,
      cert,
      ...(clientCa !== undefined && { ca: clientCa }),
      requestCert: clientVerify,
      rejectUnauthorized: clientVerify,
      ALPNProtocols: ["h2"],
      handshakeTimeout: timeout,
    },
    (socket: TLSSocket) => {
      // RFC 9113, section 3.2: over TLS there is no HTTP/2 without ALPN.
      if (socket.alpnProtocol === "h2") onSocket(socket);
      else socket.destroy();
    },
  );
  server.on("tlsClientError", (error) => log.debug({ error }, "a TLS handshake failed"));
  return server;
}

async function listenAt(server: Server, where: object, name: string): Promise<void> {
  server.listen(where);
  try {
    await once(server, "listening");
  } catch (error) {
    throw listenError(error, name);
  }
}

export type Listeners = {
  readonly address: Address;
  /** Each takes no new connections once it is closed. */
  readonly servers: readonly Server[];
};

/**
 * Listens on the port and on the socket, as far as there are any. Whoever may open the socket's file is let in without
 * TLS, as with TensorFlow Serving. Without a port the address is the socket's, its port 0.
 * @throws when one cannot be had; the message names it
 */
export async function listen(
  options: GrpcOptions,
  host: Host,
  handshake: number,
  onSocket: OnSocket,
): Promise<Listeners> {
  const { port, socketPath } = options;
  const servers: Server[] = [];
  if (socketPath !== undefined) {
    await removeSocket(socketPath);
    const server = createServer(settings, onSocket);
    await listenAt(server, { path: socketPath }, `unix:${socketPath}`);
    servers.push(server);
  }
  if (port === false) return { address: { protocol: "grpc", host: `unix:${socketPath}`, port: 0 }, servers };
  try {
    const server = options.tls ? await tlsServer(options, host, handshake, onSocket) : createServer(settings, onSocket);
    await listenAt(server, { host: options.host, port }, `${bracketed(options.host)}:${port}`);
    servers.push(server);
    const { port: bound } = server.address() as AddressInfo;
    return { address: { protocol: "grpc", host: options.host, port: bound }, servers };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}
