import type { Socket } from "node:net";
import type { Transport } from "salver";

/** `told`: the last answer said that the connection closes. `lost`: a request was written and never answered. */
export type End = "told" | "lost";

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/** Sends one request after the other, each as soon as the one before is answered, until told to stop. */
function loop(socket: Socket, answered: () => void): Promise<End> {
  return new Promise((resolve) => {
    let told = false;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      answered();
      told = chunk.includes("Connection: close");
      if (!told) socket.write(REQUEST);
    });
    socket.once("close", () => resolve(told ? "told" : "lost"));
    socket.write(REQUEST);
  });
}

/** Drains while every client has a request under way, most of them on their way to the server. How each one ended. */
export async function drainUnderLoad(transport: Transport, clients: readonly Socket[]): Promise<readonly End[]> {
  let answers = 0;
  let warm = () => {};
  const warmed = new Promise<void>((resolve) => {
    warm = resolve;
  });
  const ends = clients.map((socket) =>
    loop(socket, () => {
      if (++answers === clients.length * 10) warm();
    }),
  );
  await warmed;
  await transport.drain(new AbortController().signal);
  return Promise.all(ends);
}
