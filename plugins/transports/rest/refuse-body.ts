import type { IncomingMessage, ServerResponse } from "node:http";
import { errorBody } from "./reply.js";

const LINGER_MS = 2000;

/**
 * Answers 413 at once and closes the connection when the client has stopped sending, or after a while. Closing earlier
 * would reset the connection under a client that is still sending, and the reply might never be read.
 */
export function refuseBody(incoming: IncomingMessage, outgoing: ServerResponse, limit: number): void {
  const body = errorBody(
    `the request body is larger than the limit of ${limit} bytes: send fewer instances in a request, or raise ` +
      `"maxBodySize" of the rest transport`,
  );
  outgoing.writeHead(413, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  outgoing.write(body);
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  incoming.once("end", end);
  incoming.once("close", end);
  incoming.resume();
}
