import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { Address, Listener, Place } from "../../../../../core/index.js";
import { bracketed, listenError, removeSocket } from "../../listen-error.js";
import type { GrpcOptions } from "../../options.js";

/**
 * Listens on the port and on the socket, as far as there are any, itself or by `listener`. Whoever may open the socket's
 * file is let in without TLS, as with TensorFlow Serving. Without a port the address is the socket's, its port 0.
 * @throws when one cannot be had; the message names it
 */
export async function bind(
  server: Server,
  options: GrpcOptions,
  credentials: ServerCredentials,
  listener: Listener | undefined,
): Promise<Address> {
  const { host, port, socketPath } = options;
  const to = listener ? handedBy(listener) : bindTo;
  if (socketPath !== undefined) {
    if (!listener) await removeSocket(socketPath);
    await to(server, `unix:${socketPath}`, ServerCredentials.createInsecure(), { path: socketPath });
  }
  if (port === false) return { protocol: "grpc", host: `unix:${socketPath}`, port: 0 };
  const bound = await to(server, `${bracketed(host)}:${port}`, credentials, { host, port });
  return { protocol: "grpc", host, port: bound };
}

type Bind = (server: Server, address: string, credentials: ServerCredentials, place: Place) => Promise<number>;

const bindTo: Bind = (server, address, credentials) =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(listenError(error, address));
      else resolve(bound);
    });
  });

/** `bindTo` where another listens: its connections are put into the server. */
function handedBy(listener: Listener): Bind {
  return async (server, address, credentials, place) => {
    const injector = server.createConnectionInjector(credentials);
    try {
      return (await listener.listen(place, (socket) => injector.injectConnection(socket))).port;
    } catch (error) {
      throw listenError(error, address);
    }
  };
}
