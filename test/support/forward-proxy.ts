import { createServer, request as requestOf } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy as companies have it: forwards `http`, tunnels `https`. */
export interface ForwardProxy extends AsyncDisposable {
  readonly url: string;
  /** `GET http://…` and `CONNECT host:port`, in order. */
  readonly requests: readonly string[];
  /** What clients said of themselves, in order. */
  readonly credentials: readonly (string | undefined)[];
}

/** @param resolve where a host really is, `host:port` to `host:port`, for names that nobody else knows */
export async function forwardProxy(resolve: (host: string) => string = (host) => host): Promise<ForwardProxy> {
  const requests: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    credentials.push(request.headers["proxy-authorization"]);
    const url = new URL(request.url ?? "");
    const [hostname, port] = resolve(url.host).split(":");
    const { method, headers } = request;
    requestOf({ hostname, port, path: `${url.pathname}${url.search}`, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    })
      .on("error", () => response.destroy())
      .end();
  });
  server.on("connection", keep);
  server.on("connect", (request, client: Socket) => {
    requests.push(`CONNECT ${request.url}`);
    credentials.push(request.headers["proxy-authorization"]);
    const [host = "", port] = resolve(request.url ?? "").split(":");
    const far = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.pipe(client).pipe(far);
    });
    keep(far);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    credentials,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const each of sockets) each.destroy();
      await closed;
    },
  };
}
