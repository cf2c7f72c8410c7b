import type { HpackDecoder } from "./hpack/decoder.js";
import type { Field } from "./hpack/static-table.js";

/** What a header block says of a call. */
export type Head = {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly timeout: string | undefined;
  /** How messages with the compressed flag are compressed. */
  readonly encoding: string | undefined;
  readonly contentLength: number | undefined;
  /** The rest, in order; undefined when there is none. */
  readonly metadata: readonly Field[] | undefined;
  /** Whether it has any of the fields that begin with a colon, which trailers must not have. */
  readonly pseudo: boolean;
  /** What makes the request malformed, by RFC 9113, section 8. */
  readonly problem: string | undefined;
  /** Whether it is larger than is allowed; the fields are not all there then. */
  readonly tooLarge: boolean;
};

/** RFC 9113, section 10.5.1: what a field counts beside its bytes. */
const OVERHEAD = 32;

const tokens = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const badValue = /[\0\r\n]|^[ \t]|[ \t]$/;

const forbidden = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);
/** Fields that every client sends and nobody asks for. */
const ignored = new Set(["te", "user-agent", "grpc-accept-encoding", "accept-encoding", "content-length"]);

/** Reads the header blocks of one connection, one after the other. */
export function createHeadReader(decoder: HpackDecoder, limit: number) {
  let size = 0;
  let problem: string | undefined;
  let pseudo: Map<string, string> = new Map();
  let regular: Map<string, string> = new Map();
  let metadata: Field[] | undefined;

  function take(field: Field): void {
    const { name, value } = field;
    size += name.length + value.length + OVERHEAD;
    if (size > limit) return;
    if (name.startsWith(":")) {
      if (regular.size > 0 || metadata !== undefined) problem ??= `${name} comes after other fields`;
      if (pseudo.has(name)) problem ??= `${name} comes twice`;
      pseudo.set(name, value);
    } else {
      if (!tokens.test(name)) problem ??= `${JSON.stringify(name)} is no name of a field`;
      if (forbidden.has(name) || (name === "te" && value !== "trailers")) problem ??= `${name} has no place in HTTP/2`;
      if (known.has(name)) {
        if (!regular.has(name)) regular.set(name, value);
      } else {
        metadata ??= [];
        metadata.push(field);
      }
    }
    if (badValue.test(value)) problem ??= `${name} has a line break or a NUL in it, or blanks around it`;
  }

  const known = new Set([...ignored, "content-type", "grpc-timeout", "grpc-encoding"]);

  function missing(): string | undefined {
    for (const name of pseudo.keys()) {
      if (name !== ":method" && name !== ":path" && name !== ":scheme" && name !== ":authority") {
        return `${name} is no field of a request`;
      }
    }
    if (!pseudo.has(":method")) return "there is no :method";
    if (pseudo.get(":method") === "CONNECT") return undefined;
    if (!pseudo.has(":scheme")) return "there is no :scheme";
    return pseudo.get(":path") ? undefined : "there is no :path";
  }

  return (block: Buffer, start: number, end: number): Head => {
    size = 0;
    problem = undefined;
    pseudo = new Map();
    regular = new Map();
    metadata = undefined;
    decoder.decode(block, start, end, take);
    const length = regular.get("content-length");
    return {
      method: pseudo.get(":method") ?? "",
      path: pseudo.get(":path") ?? "",
      contentType: regular.get("content-type") ?? "",
      timeout: regular.get("grpc-timeout"),
      encoding: regular.get("grpc-encoding"),
      contentLength: length === undefined ? undefined : Number(length),
      metadata,
      pseudo: pseudo.size > 0,
      problem: problem ?? missing(),
      tooLarge: size > limit,
    };
  };
}
