import type { IncomingMessage, ServerResponse } from "node:http";
import { PRIORITY_HEADER } from "../../../../../core/index.js";
import type { Body, Exchange } from "../../engine.js";
import { readBody } from "./body.js";

const LINGER_MS = 2000;

/**
 * Ends the answer to a request that is refused for its body when the client has stopped sending, or after a while. Ending
 * it earlier would reset the connection under a client that is still sending, and the answer might never be read.
 */
function endLater(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  incoming.once("end", end);
  incoming.once("close", end);
  incoming.resume();
}

/** `limit` is that of the body. */
export function exchangeOf(incoming: IncomingMessage, outgoing: ServerResponse, limit: number): Exchange {
  let came: Body | undefined;
  const exchange: Exchange = {
    method: incoming.method ?? "",
    target: incoming.url ?? "",
    origin: incoming.headers.origin,
    priority: incoming.headers[PRIORITY_HEADER]?.toString(),
    body: async () => {
      came = await readBody(incoming, limit);
      return came;
    },
    reply: (status, headers, body) => {
      if (outgoing.headersSent || outgoing.destroyed) return;
      const refused = came === "too large";
      outgoing.writeHead(status, {
        ...headers,
        "Content-Length": Buffer.byteLength(body),
        ...(refused && { Connection: "close" }),
      });
      if (!refused) {
        outgoing.end(body);
        return;
      }
      outgoing.write(body);
      endLater(incoming, outgoing);
    },
    get left() {
      return outgoing.destroyed;
    },
    onLeft: undefined,
  };
  outgoing.once("close", () => exchange.onLeft?.());
  return exchange;
}
