import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { certificates } from "./certificates.js";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type Asked = { readonly method: string; readonly path: string; readonly headers: IncomingMessage["headers"] };

/** A web server for files, with the hands to make it misbehave. */
export interface ArtifactServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly port: number;
  /** By path, from "/" on. */
  readonly files: Map<string, Uint8Array | string>;
  /** All requests so far, in order. */
  readonly asked: readonly Asked[];
  /** Answers instead of the files where it is set; false leaves a request to them. */
  handler: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Gives a file as a server should: ETag, conditions, ranges. */
  give: Handler;
  /** Ends all connections. */
  cut(): void;
}

export type ServerSettings = {
  readonly tls?: boolean;
  readonly index?: "nginx" | "apache" | "json" | "none";
  /** Without ETags, only the time of the last change. */
  readonly datesOnly?: boolean;
  readonly address?: string;
};

export const etagOf = (bytes: Uint8Array | string): string =>
  `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

type Child = { readonly name: string; readonly isFolder: boolean; readonly size: number };

const pages: Readonly<Record<string, (path: string, children: readonly Child[]) => string>> = {
  nginx: (path, children) =>
    `<html>\r\n<head><title>Index of ${escaped(path)}</title></head>\r\n<body>\r\n<h1>Index of ${escaped(path)}</h1><hr><pre>` +
    `<a href="../">../</a>\r\n${children
      .map(({ name, isFolder, size }) => {
        const written = `${encodeURIComponent(name)}${isFolder ? "/" : ""}`;
        return `<a href="${written}">${escaped(name)}</a>   23-Nov-2026 10:00   ${isFolder ? "-" : size}\r\n`;
      })
      .join("")}</pre><hr></body>\r\n</html>\r\n`,
  apache: (path, children) =>
    `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html><body><h1>Index of ${escaped(path)}</h1><table>` +
    `<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>` +
    `<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/">Parent Directory</a></td></tr>\n` +
    children
      .map(({ name, isFolder }) => {
        const written = `${encodeURIComponent(name)}${isFolder ? "/" : ""}`;
        return `<tr><td><img src="/icons/x.gif" alt="[   ]"></td><td><a href="${written}">${escaped(name)}</a></td><td>1.2K</td></tr>\n`;
      })
      .join("") +
    `</table></body></html>`,
  json: (_, children) =>
    JSON.stringify(
      children.map(({ name, isFolder, size }) =>
        isFolder ? { name, type: "directory", mtime: "x" } : { name, type: "file", mtime: "x", size },
      ),
    ),
};

function childrenOf(files: ArtifactServer["files"], folder: string): readonly Child[] {
  const found = new Map<string, Child>();
  for (const [path, bytes] of files) {
    if (!path.startsWith(folder)) continue;
    const [name = "", ...below] = path.slice(folder.length).split("/");
    if (name !== "") found.set(name, { name, isFolder: below.length > 0, size: Buffer.byteLength(bytes) });
  }
  return [...found.values()];
}

/** A file with its ETag, or a part of it, or that it is the same still. */
export function giveBytes(
  content: Uint8Array | string,
  request: IncomingMessage,
  response: ServerResponse,
  datesOnly = false,
): void {
  const bytes = Buffer.from(content as Uint8Array);
  const etag = etagOf(bytes);
  // Another time for other bytes, as a file system would have it.
  const modified = new Date(Number.parseInt(etag.slice(1, 9), 16) * 1000).toUTCString();
  const { headers } = request;
  const mark = datesOnly ? modified : etag;
  response.setHeader("last-modified", modified);
  if (!datesOnly) response.setHeader("etag", etag);
  if (headers["if-none-match"] === etag || (datesOnly && headers["if-modified-since"] === modified)) {
    response.writeHead(304).end();
    return;
  }
  const from = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
  if (from !== undefined && (headers["if-range"] ?? mark) === mark) {
    const part = bytes.subarray(Number(from));
    response.writeHead(206, {
      "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      "content-length": part.length,
    });
    response.end(request.method === "HEAD" ? undefined : part);
    return;
  }
  response.writeHead(200, { "content-length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

export async function artifactServer(settings: ServerSettings = {}): Promise<ArtifactServer> {
  const { tls = false, index = "nginx", datesOnly = false, address = "127.0.0.1" } = settings;
  const files: ArtifactServer["files"] = new Map();
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();

  const give: Handler = (request, response) => {
    const path = decodeURIComponent((request.url ?? "/").replace(/\?.*$/, ""));
    const content = files.get(path);
    const page = pages[index];
    const children = path.endsWith("/") ? childrenOf(files, path) : [];
    if (content !== undefined) giveBytes(content, request, response, datesOnly);
    else if (page && (children.length > 0 || path === "/")) {
      response.setHeader("content-type", index === "json" ? "application/json" : "text/html");
      response.end(page(path, children));
    } else response.writeHead(404).end("<html>nothing here</html>");
  };

  const answer: Handler = (request, response) => {
    asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    if (!server.handler?.(request, response)) give(request, response);
  };
  const listener = tls ? createTlsServer(certificates.server, answer) : createServer(answer);
  listener.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => listener.listen(0, address, resolve));
  const { port } = listener.address() as AddressInfo;

  const server: ArtifactServer = {
    origin: `${tls ? "https" : "http"}://${address === "::1" ? "[::1]" : address}:${port}`,
    port,
    files,
    asked,
    handler: undefined,
    give,
    cut: () => {
      for (const each of sockets) each.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const each of sockets) each.destroy();
      await closed;
    },
  };
  return server;
}
