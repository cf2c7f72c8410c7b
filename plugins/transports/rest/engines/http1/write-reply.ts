import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ReplyHeaders } from "../../engine.js";

/** Bodies up to here are copied behind their head: cheaper than a write of two buffers. */
const JOINED = 16 * 1024;

const CLOSE = "Connection: close\r\n\r\n";
const KEEP = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";

const starts = new WeakMap<ReplyHeaders, Map<number, string>>();

/** The status line and `headers`, up to the value of the length. */
function startOf(status: number, headers: ReplyHeaders): string {
  const known = starts.get(headers) ?? new Map<number, string>();
  starts.set(headers, known);
  let start = known.get(status);
  if (start === undefined) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    start = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n${lines.join("")}Content-Length: `;
    known.set(status, start);
  }
  return start;
}

let second = 0;
let date = "";

/** The lines between the length and what becomes of the connection. */
function dateLines(): string {
  const now = Date.now();
  if (now - second >= 1000 || now < second) {
    second = now - (now % 1000);
    date = `\r\nDate: ${new Date(now).toUTCString()}\r\n`;
  }
  return date;
}

/** Bytes that wait at most: beyond, sockets are to show which clients do not read. */
const MOST_WAITING = 64 * 1024;

const waiting: { readonly socket: Socket; readonly reply: Buffer }[] = [];
let bytesWaiting = 0;

/**
 * Writes what was answered in this turn of the event loop at its end. A client of many connections that is woken by the
 * first reply finds the others there as well, where every single one would have to wake it.
 */
function writeLater(socket: Socket, reply: Buffer): void {
  if (waiting.push({ socket, reply }) === 1) setImmediate(flushReplies);
  bytesWaiting += reply.length;
  if (bytesWaiting > MOST_WAITING) flushReplies();
}

/** Writes at once what is still to be written: before a socket is ended or given away. */
export function flushReplies(): void {
  bytesWaiting = 0;
  for (const { socket, reply } of waiting.splice(0)) if (!socket.destroyed) socket.write(reply);
}

/** One reply in one write, with the headers that Node would give it. `last` says that the connection closes. */
export function writeReply(
  socket: Socket,
  status: number,
  headers: ReplyHeaders,
  body: string | Uint8Array,
  last: boolean,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const head = startOf(status, headers) + bytes.length + dateLines() + (last ? CLOSE : KEEP);
  if (bytes.length <= JOINED) {
    const reply = Buffer.allocUnsafe(head.length + bytes.length);
    reply.write(head, "latin1");
    reply.set(bytes, head.length);
    if (last) {
      flushReplies();
      socket.write(reply);
    } else writeLater(socket, reply);
    return;
  }
  flushReplies();
  socket.cork();
  socket.write(head, "latin1");
  socket.write(bytes);
  socket.uncork();
}
