import { once } from "node:events";
import { open } from "../start.js";

/** The replies in what a server has sent: their statuses and bodies, each as long as it says. */
export function repliesIn(
  text: string,
): readonly { readonly status: number; readonly head: string; readonly body: string }[] {
  const replies = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n") + 4;
    if (end < 4) throw new Error(`no end of a head in ${JSON.stringify(rest)}`);
    const head = rest.slice(0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    replies.push({ status: Number(head.slice(9, 12)), head, body: rest.slice(end, end + length) });
    rest = rest.slice(end + length);
  }
  return replies;
}

/** What one connection is answered until the server ends it: `parts` are written one after the other. */
export async function converse(port: number, parts: readonly (string | Uint8Array)[]) {
  const socket = await open(port);
  const closed = once(socket, "close");
  socket.setNoDelay(true);
  for (const [i, part] of parts.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
  }
  await closed;
  return repliesIn(socket.received());
}

export const post = (body: string, headers = "") =>
  `POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

/** The last request of a connection. */
export const LAST = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
