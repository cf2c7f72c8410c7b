/** RFC 9113, section 3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const text = "This port speaks gRPC, which is HTTP/2. REST has a port of its own.\n";

/** For who speaks HTTP/1.1: it is understood there. */
export const httpRefusal = Buffer.from(
  `HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  "latin1",
);

export type Greeting =
  /** It may still become a preface. */
  | { readonly kind: "incomplete" }
  /** `rest` came after it. */
  | { readonly kind: "http2"; readonly rest: Buffer }
  | { readonly kind: "http1" }
  | { readonly kind: "unknown" };

/** Takes a connection's first bytes, in whatever pieces, until it says something else than "incomplete". */
export function createGreeter(): (piece: Buffer) => Greeting {
  let seen: Buffer = Buffer.alloc(0);
  return (piece) => {
    seen = seen.length === 0 ? piece : Buffer.concat([seen, piece]);
    const length = Math.min(seen.length, PREFACE.length);
    if (seen.compare(PREFACE, 0, length, 0, length) === 0) {
      return length < PREFACE.length ? { kind: "incomplete" } : { kind: "http2", rest: seen.subarray(length) };
    }
    return { kind: /^[A-Z]{3,}/.test(seen.toString("latin1", 0, 3)) ? "http1" : "unknown" };
  };
}
