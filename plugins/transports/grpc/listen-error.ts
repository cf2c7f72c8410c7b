import { lstat, rm } from "node:fs/promises";
import { messageOf } from "../../../core/index.js";

const reasons: readonly (readonly [code: string, reason: string])[] = [
  ["EADDRINUSE", 'the port is taken; stop what listens there, or choose another by --port or "port" in a config'],
  ["EACCES", 'no permission; ports below 1024 need one: choose a higher one by --port or "port" in a config'],
  ["EADDRNOTAVAIL", 'this machine has no such address; set "host" to one it has'],
  ["ENOTFOUND", 'this host name is not known; set "host" to an address of this machine'],
];

/** `host` as it stands before a port. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** What was wrong is told by the error's text: grpc-js has nothing else of it. */
export function listenError(error: unknown, address: string): Error {
  const text = messageOf(error);
  const known = address.startsWith("unix:") ? undefined : reasons.find(([code]) => text.includes(code));
  return new Error(`grpc: cannot listen on ${address}: ${known?.[1] ?? text}`, { cause: error });
}

/** An earlier process may have left its socket; any other kind of file is left alone, and binding fails. */
export async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket()) await rm(path, { force: true });
}
