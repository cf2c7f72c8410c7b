import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { type Address, type Host, ListenerToken, type Place, readTls } from "../../../../../core/index.js";
import { bracketed, listenError, removeSocket } from "../../listen-error.js";
import type { GrpcOptions } from "../../options.js";

type OnSocket = (socket: Socket) => void;

/** `server` takes connections; it listens for them itself unless the host has somebody who does. */
type Door = { readonly server: Server; close(): void };

/** Names a connection while it is open; with TLS its requests come through another socket than the one it came with. */
const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

function plain(onSocket: OnSocket): Door {
  const server = createServer(settings, onSocket);
  return { server, close: () => server.close() };
}

/** Read from the socket at a time; less of it for a request of some hundred kilobytes costs a third of the throughput. */
const settings = { noDelay: true, highWaterMark: 256 * 1024 };

async function secure(
  { tls }: GrpcOptions,
  { baseDir, log }: Host,
  timeout: number,
  onSocket: OnSocket,
): Promise<Door> {
  const handshakes = new Map<string, Socket>();
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
      handshakes.delete(peerOf(socket));
      // RFC 9113, section 3.2: over TLS there is no HTTP/2 without ALPN.
      if (socket.alpnProtocol === "h2") onSocket(socket);
      else socket.destroy();
    },
  );
  server.on("tlsClientError", (error) => log.debug({ error }, "a TLS handshake failed"));
  server.on("connection", (raw: Socket) => {
    const peer = peerOf(raw);
    handshakes.set(peer, raw);
    raw.once("close", () => {
      // By then another connection may have come from the same port.
      if (handshakes.get(peer) === raw) handshakes.delete(peer);
    });
  });
  return {
    server,
    close: () => {
      server.close();
      for (const raw of handshakes.values()) raw.destroy();
    },
  };
}

/** @returns the port, 0 at a path */
async function listenAt(server: Server, place: Place, host: Host): Promise<number> {
  const listener = host.get(ListenerToken);
  if (listener) {
    const handed = (socket: Socket) => server.emit("connection", socket);
    return (await listener.listen(place, handed, { highWaterMark: settings.highWaterMark })).port;
  }
  if ("path" in place) await removeSocket(place.path);
  server.listen(place);
  await once(server, "listening");
  return "path" in place ? 0 : (server.address() as AddressInfo).port;
}

export type Listeners = {
  readonly address: Address;
  /** Takes no new connections, and cuts those whose handshake is not done. */
  close(): void;
};

/**
 * Listens on the port and on the socket, as far as there are any, itself or by the host's listener. Whoever may open the socket's file is let in without
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
  const doors: Door[] = [];
  const close = () => {
    for (const door of doors) door.close();
  };
  async function open(door: Door, place: Place, name: string): Promise<number> {
    try {
      const bound = await listenAt(door.server, place, host);
      doors.push(door);
      return bound;
    } catch (error) {
      throw listenError(error, name);
    }
  }

  if (socketPath !== undefined) await open(plain(onSocket), { path: socketPath }, `unix:${socketPath}`);
  if (port === false) return { address: { protocol: "grpc", host: `unix:${socketPath}`, port: 0 }, close };
  try {
    const door = options.tls ? await secure(options, host, handshake, onSocket) : plain(onSocket);
    const bound = await open(door, { host: options.host, port }, `${bracketed(options.host)}:${port}`);
    return { address: { protocol: "grpc", host: options.host, port: bound }, close };
  } catch (error) {
    close();
    throw error;
  }
}
