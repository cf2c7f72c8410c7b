import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { Address } from "../../../../../core/index.js";
import { bracketed, listenError, removeSocket } from "../../listen-error.js";
import type { GrpcOptions } from "../../options.js";

/**
 * Listens on the port and on the socket, as far as there are any. Whoever may open the socket's file is let in without
 * TLS, as with TensorFlow Serving. Without a port the address is the socket's, its port 0.
 * @throws when one cannot be had; the message names it
 */
export async function bind(server: Server, options: GrpcOptions, credentials: ServerCredentials): Promise<Address> {
  const { host, port, socketPath } = options;
  if (socketPath !== undefined) {
    await removeSocket(socketPath);
    await bindTo(server, `unix:${socketPath}`, ServerCredentials.createInsecure());
  }
  if (port === false) return { protocol: "grpc", host: `unix:${socketPath}`, port: 0 };
  return { protocol: "grpc", host, port: await bindTo(server, `${bracketed(host)}:${port}`, credentials) };
}

function bindTo(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(listenError(error, address));
      else resolve(bound);
    });
  });
}
