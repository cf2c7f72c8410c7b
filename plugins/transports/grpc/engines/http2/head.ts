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

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const badValue = /[\0\r\n]|^[ \t]|[ \t]$/;

type Names = { -readonly [name in "method" | "path" | "scheme" | "authority"]: string | undefined } & {
  contentType: string | undefined;
  timeout: string | undefined;
  encoding: string | undefined;
  contentLength: string | undefined;
};

const nothing = (): Names => ({
  method: undefined,
  path: undefined,
  scheme: undefined,
  authority: undefined,
  contentType: undefined,
  timeout: undefined,
  encoding: undefined,
  contentLength: undefined,
});

function missing({ method, path, scheme }: Names): string | undefined {
  if (method === undefined) return "there is no :method";
  if (method === "CONNECT") return undefined;
  if (scheme === undefined) return "there is no :scheme";
  return path ? undefined : "there is no :path";
}

/** Reads the header blocks of one connection, one after the other. */
export function createHeadReader(
  decoder: HpackDecoder,
  limit: number,
): (b: Buffer, start: number, end: number) => Head {
  let size = 0;
  let names = nothing();
  let problem: string | undefined;
  let pseudo = false;
  let regular = false;
  let metadata: Field[] | undefined;

  function takePseudo(name: "method" | "path" | "scheme" | "authority", value: string): void {
    if (regular) problem ??= `:${name} comes after other fields`;
    if (names[name] !== undefined) problem ??= `:${name} comes twice`;
    pseudo = true;
    names[name] = value;
  }

  function takeOther(field: Field): void {
    const { name } = field;
    if (name.startsWith(":")) {
      pseudo = true;
      problem ??= `${name} is no field of a request`;
    } else if (token.test(name)) {
      metadata ??= [];
      metadata.push(field);
    } else problem ??= `${JSON.stringify(name)} is no name of a field`;
  }

  function take(field: Field): void {
    const { name, value } = field;
    size += name.length + value.length + OVERHEAD;
    if (size > limit) return;
    if (!field.checked) {
      if (badValue.test(value)) problem ??= `${name} has a line break or a NUL in it, or blanks around it`;
      else field.checked = true;
    }
    switch (name) {
      case ":method":
        takePseudo("method", value);
        return;
      case ":path":
        takePseudo("path", value);
        return;
      case ":scheme":
        takePseudo("scheme", value);
        return;
      case ":authority":
        takePseudo("authority", value);
        return;
      case "content-type":
        names.contentType ??= value;
        break;
      case "grpc-timeout":
        names.timeout ??= value;
        break;
      case "grpc-encoding":
        names.encoding ??= value;
        break;
      case "content-length":
        names.contentLength ??= value;
        break;
      case "te":
        if (value !== "trailers") problem ??= "te has no other value in HTTP/2 than trailers";
        break;
      // Every client sends them, and nobody asks for them.
      case "user-agent":
      case "accept-encoding":
      case "grpc-accept-encoding":
        break;
      case "connection":
      case "proxy-connection":
      case "keep-alive":
      case "transfer-encoding":
      case "upgrade":
        problem ??= `${name} has no place in HTTP/2`;
        break;
      default:
        takeOther(field);
        if (name.startsWith(":")) return;
    }
    regular = true;
  }

  return (block, start, end) => {
    size = 0;
    names = nothing();
    problem = undefined;
    pseudo = false;
    regular = false;
    metadata = undefined;
    decoder.decode(block, start, end, take);
    const { contentLength } = names;
    return {
      method: names.method ?? "",
      path: names.path ?? "",
      contentType: names.contentType ?? "",
      timeout: names.timeout,
      encoding: names.encoding,
      contentLength: contentLength === undefined ? undefined : Number(contentLength),
      metadata,
      pseudo,
      problem: problem ?? missing(names),
      tooLarge: size > limit,
    };
  };
}
