import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { TlsOptions } from "node:tls";
import { type Host, ListenerToken, messageOf, readTls } from "../../../../core/index.js";
import type { RestOptions } from "../options.js";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; stop what listens there, or choose another by --rest_api_port or "port" in a config',
  EACCES: 'no permission; ports below 1024 need one: choose a higher one by --rest_api_port or "port" in a config',
  EADDRNOTAVAIL: 'this machine has no such address; set "host" to one it has',
  ENOTFOUND: 'this host name is not known; set "host" to an address of this machine',
};

function listenError(error: unknown, { host, port }: RestOptions): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new Error(`rest: cannot listen on ${host}:${port}: ${reasons[code] ?? messageOf(error)}`, { cause: error });
}

/** In milliseconds; a client that takes longer is not about to send a request. */
const HANDSHAKE_TIMEOUT = 10_000;

/** @throws Error that names the option whose file cannot be read */
export async function tlsSettings(tls: NonNullable<RestOptions["tls"]>, { baseDir }: Host): Promise<TlsOptions> {
  const { key, cert, clientCa: ca, clientVerify } = await readTls(tls, baseDir);
  const client = { requestCert: clientVerify, rejectUnauthorized: clientVerify, ...(ca !== undefined && { ca }) };
  return { key, cert, ...client, handshakeTimeout: HANDSHAKE_TIMEOUT };
}

/** Says to the log why clients of `acceptor` do not come in. */
export function logHandshakes(acceptor: Server, { log }: Host): void {
  acceptor.on("tlsClientError", (error: unknown) =>
    log.debug({ error }, `a TLS handshake failed: ${messageOf(error)}`),
  );
}

type Bound = { readonly host: string; readonly port: number };

/**
 * Has `acceptor` take connections: from its own port, or from the host's listener where there is one.
 * @throws Error that names the address and says what to do
 */
export async function listenOn(acceptor: Server, host: Host, options: RestOptions): Promise<Bound> {
  const { host: name, port, tls } = options;
  const listener = host.get(ListenerToken);
  try {
    if (listener) {
      const bound = await listener.listen({ host: name, port }, (socket) => acceptor.emit("connection", socket), {
        halfOpen: tls === undefined,
      });
      // Begins the watch over slow requests.
      acceptor.emit("listening");
      return bound;
    }
    acceptor.listen(port, name);
    await once(acceptor, "listening");
  } catch (error) {
    throw listenError(error, options);
  }
  const bound = acceptor.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}
