import { PRIORITY_HEADER } from "../../../../../core/index.js";

/** The request line and headers of a request that is like most. */
export type Head = {
  readonly method: "GET" | "POST";
  readonly target: string;
  readonly host: string;
  /** Of the body. */
  readonly length: number;
  readonly keepAlive: boolean;
  readonly priority: string | undefined;
  /** Offset of the byte after it. */
  readonly end: number;
};

const SPACE = 0x20;
const TAB = 0x09;
const RETURN = 0x0d;
const NEWLINE = 0x0a;
const COLON = 0x3a;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** What may stand in the name of a header (RFC 9110, section 5.6.2), in lower case; 0 for all other bytes. */
const NAME = new Uint8Array(256);
for (const char of ascii("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) NAME[char] = char;
for (const char of ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) NAME[char] = char | 0x20;

const METHODS = (["POST", "GET"] as const).map((method) => ({ method, bytes: ascii(`${method} /`) }));
const VERSION = ascii(" HTTP/1.1\r\n");

type Kind = "host" | "length" | "connection" | "priority" | "unusual";

/** Headers that change how a request is read, or that somebody wants to know; the others are passed over. */
const HEADERS: readonly (readonly [string, Kind])[] = [
  ["host", "host"],
  ["content-length", "length"],
  ["connection", "connection"],
  [PRIORITY_HEADER, "priority"],
  ["transfer-encoding", "unusual"],
  ["content-encoding", "unusual"],
  ["expect", "unusual"],
  ["upgrade", "unusual"],
  ["trailer", "unusual"],
  ["proxy-connection", "unusual"],
];

const byLength: (readonly { readonly name: Uint8Array; readonly kind: Kind }[])[] = [];
for (const [name, kind] of HEADERS) {
  byLength[name.length] = [...(byLength[name.length] ?? []), { name: ascii(name), kind }];
}

function kindOf(bytes: Buffer, start: number, end: number): Kind | undefined {
  const candidates = byLength[end - start];
  if (candidates === undefined) return undefined;
  for (const { name, kind } of candidates) {
    let same = 0;
    while (same < name.length && NAME[bytes[start + same]!] === name[same]) same++;
    if (same === name.length) return kind;
  }
  return undefined;
}

/** Whether `expected` stands at `at`; "partial" when the bytes end within it. */
function stands(bytes: Buffer, at: number, expected: Uint8Array): boolean | "partial" {
  for (let i = 0; i < expected.length; i++) {
    if (at + i === bytes.length) return "partial";
    if (bytes[at + i] !== expected[i]) return false;
  }
  return true;
}

/** Ten digits and more are no body that is taken. */
const LENGTH = /^\d{1,9}$/;

/**
 * Reads the head of the request at `start`: "partial" when its end has not come, "unusual" as soon as anything is not
 * exactly as RFC 9112 wants it, or is not like what clients send all day. Whoever asks must have such requests read by
 * somebody who knows all of HTTP, from their first byte.
 */
export function readHead(bytes: Buffer, start: number): Head | "partial" | "unusual" {
  let method: Head["method"] | undefined;
  let at = start;
  for (const known of METHODS) {
    const found = stands(bytes, at, known.bytes);
    if (found === "partial") return "partial";
    if (!found) continue;
    method = known.method;
    at += known.bytes.length - 1;
    break;
  }
  if (method === undefined) return "unusual";
  const targetStart = at;
  // All that is printed, but for spaces; what URLs may hold of it is the routes' to say.
  while (bytes[at]! > SPACE && bytes[at]! < 0x7f) at++;
  if (at === bytes.length) return "partial";
  const target = bytes.toString("latin1", targetStart, at);
  const version = stands(bytes, at, VERSION);
  if (version !== true) return version === "partial" ? "partial" : "unusual";
  at += VERSION.length;

  let host: string | undefined;
  let length: number | undefined;
  let connection: string | undefined;
  let priority: string | undefined;
  for (;;) {
    if (bytes[at] === RETURN) {
      if (at + 1 === bytes.length) return "partial";
      if (bytes[at + 1] !== NEWLINE) return "unusual";
      break;
    }
    const nameStart = at;
    while (at < bytes.length && NAME[bytes[at]!] !== 0) at++;
    if (at === bytes.length) return "partial";
    if (bytes[at] !== COLON || at === nameStart) return "unusual";
    const nameEnd = at++;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    const valueStart = at;
    while ((bytes[at]! >= SPACE && bytes[at]! < 0x7f) || bytes[at] === TAB) at++;
    if (at + 1 >= bytes.length) return "partial";
    if (bytes[at] !== RETURN || bytes[at + 1] !== NEWLINE) return "unusual";
    const kind = kindOf(bytes, nameStart, nameEnd);
    if (kind !== undefined) {
      const value = bytes.toString("latin1", valueStart, at).trimEnd();
      if (kind === "host" && host === undefined) host = value;
      else if (kind === "length" && length === undefined && LENGTH.test(value)) length = Number(value);
      else if (kind === "connection" && connection === undefined) connection = value.toLowerCase();
      else if (kind === "priority" && priority === undefined) priority = value;
      else return "unusual";
    }
    at += 2;
  }
  if (host === undefined) return "unusual";
  if (connection !== undefined && connection !== "keep-alive" && connection !== "close") return "unusual";
  // Node waits for no body of a GET that has none, and takes a POST without a length for one that has none either.
  if (method === "GET" && length !== undefined) return "unusual";
  return { method, target, host, length: length ?? 0, keepAlive: connection !== "close", priority, end: at + 2 };
}
