import { lstat, rm } from "node:fs/promises";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { type Address, type Listener, messageOf, type Place } from "../../../core/index.js";
import type { GrpcOptions } from "./options.js";

/**
 * Listens on the port and on the socket, as far as there are any. Whoever may open the socket's file is let in without
 * TLS, as with TensorFlow Serving. Without a port the address is the socket's, its port 0.
 * @throws when one cannot be had; the message names it
 */
export async function bind(
  server: Server,
  options: GrpcOptions,
  credentials: ServerCredentials,
  listener?: Listener,
): Promise<Address> {
  const { host, port, socketPath } = options;
  const to = listener ? handedBy(listener) : bindTo;
  if (socketPath !== undefined) {
    if (!listener) await removeSocket(socketPath);
    await to(server, `unix:${socketPath}`, ServerCredentials.createInsecure(), { path: socketPath });
  }
  if (port === false) return { protocol: "grpc", host: `unix:${socketPath}`, port: 0 };
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { protocol: "grpc", host, port: await to(server, address, credentials, { host, port }) };
}

/** `bindTo` where another listens: its connections are put into the server. */
function handedBy(listener: Listener): typeof bindTo {
  return async (server, address, credentials, place) => {
    const injector = server.createConnectionInjector(credentials);
    try {
      return (await listener.listen(place, (socket) => injector.injectConnection(socket))).port;
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, address);
    }
  };
}

const reasons: readonly (readonly [code: string, reason: string])[] = [
  ["EADDRINUSE", 'the port is taken; stop what listens there, or choose another by --port or "port" in a config'],
  ["EACCES", 'no permission; ports below 1024 need one: choose a higher one by --port or "port" in a config'],
  ["EADDRNOTAVAIL", 'this machine has no such address; set "host" to one it has'],
  ["ENOTFOUND", 'this host name is not known; set "host" to an address of this machine'],
];

/** grpc-js says what was wrong with each address only in the text of its error. */
function listenError(error: Error, address: string): Error {
  const known = address.startsWith("unix:") ? undefined : reasons.find(([code]) => error.message.includes(code));
  return new Error(`grpc: cannot listen on ${address}: ${known?.[1] ?? messageOf(error)}`, { cause: error });
}

function bindTo(server: Server, address: string, credentials: ServerCredentials, _place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(listenError(error, address));
      else resolve(bound);
    });
  });
}

/** An earlier process may have left its socket; any other kind of file is left alone, and binding fails. */
async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket()) await rm(path, { force: true });
}
