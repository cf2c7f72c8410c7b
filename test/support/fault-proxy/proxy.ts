import { createServer, type IncomingMessage, request as requestOf } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Exchange, type Fault, pass } from "./faults.js";

export type Matching = (request: { readonly method: string; readonly path: string }) => boolean;

/** Stands between a client and an HTTP server on this machine; everything passes but what a test has planned for. */
export interface FaultProxy extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** All that came, in order, as `GET /path?query`. */
  readonly requests: readonly string[];
  /**
   * Happens to the next `times` requests that `only` is true for. Of several plans for a request the one made first
   * comes first.
   */
  plan(fault: Fault, options?: { readonly times?: number; readonly only?: Matching }): void;
  /** Forgets what is planned. Answers under way end as they were to. */
  clear(): void;
  /** Cuts all connections, and refuses new ones until `comeUp`. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
}

type Plan = { readonly fault: Fault; readonly only: Matching; left: number };

/** @param server where requests go to: an URL without a path, or asked for at each request */
export async function faultProxy(server: string | (() => string)): Promise<FaultProxy> {
  const plans: Plan[] = [];
  const requests: string[] = [];
  const sockets = new Set<Socket>();

  const faultFor = (request: { method: string; path: string }): Fault => {
    const plan = plans.find((each) => each.left > 0 && each.only(request));
    if (plan) plan.left--;
    return plan?.fault ?? pass;
  };

  const proxy = createServer((request, response) => {
    const { method = "GET", url: path = "/" } = request;
    requests.push(`${method} ${path}`);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const exchange: Exchange = {
      response,
      gone: gone.signal,
      forward: () => forward(new URL(path, typeof server === "string" ? server : server()), request, gone.signal),
    };
    // What fails here, fails for the client.
    faultFor({ method, path })(exchange).catch(() => response.destroy());
  });
  proxy.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Clients may leave in the middle: that is the client's affair.
    socket.on("error", () => {});
  });

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      proxy.once("error", reject);
      proxy.listen(port, "127.0.0.1", () => resolve());
    });
  const close = () =>
    new Promise<void>((resolve) => {
      proxy.close(() => resolve());
      for (const socket of sockets) socket.resetAndDestroy();
    });

  await listen(0);
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    plan: (fault, { times = 1, only = () => true } = {}) => plans.push({ fault, only, left: times }),
    clear: () => plans.splice(0),
    goDown: close,
    comeUp: () => listen(port),
    [Symbol.asyncDispose]: close,
  };
}

/** The request as it came, its headers too: signatures hold. */
function forward(url: URL, request: IncomingMessage, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = url;
    const { method, rawHeaders: headers } = request;
    const onward = requestOf({ hostname, port, path: pathname + search, method, headers, signal, agent: false });
    onward.on("response", resolve).on("error", reject);
    request.pipe(onward);
  });
}
