import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Address, type Frontend, type Host, type Logger, silentLogger, type Transport } from "salver";
import { beforeEach, describe, onTestFinished } from "vitest";
import { fakeHost } from "../../../../core/testing/index.js";
import { options } from "../../../../plugins/transports/rest/options.js";
import { createRestTransport } from "../../../../plugins/transports/rest/transport.js";

export type Started = {
  readonly transport: Transport;
  readonly address: Address;
  readonly port: number;
  readonly url: string;
  /** What was logged as an error: the original. */
  readonly errors: unknown[];
};

const ENGINES = ["http1", "node"] as const;
export type EngineName = (typeof ENGINES)[number];

let engine: EngineName = "http1";

/** The tests are run with each engine; `start` starts it. */
export function onEachEngine(tests: (name: EngineName) => void): void {
  describe.each(ENGINES)("engine %s", (name) => {
    beforeEach(() => {
      engine = name;
    });
    tests(name);
  });
}

/** A server on a free port of this machine, closed when the test ends. */
export async function start(
  frontend: Frontend,
  settings: Record<string, unknown> = {},
  overrides: Partial<Host> = {},
): Promise<Started> {
  const errors: unknown[] = [];
  const error: Logger["error"] = (fields) => errors.push(fields.error);
  const host = fakeHost({ id: "rest", log: { ...silentLogger, error }, ...overrides });
  const transport = createRestTransport(host, options.parse({ port: 0, host: "127.0.0.1", engine, ...settings }));
  onTestFinished(() => transport[Symbol.asyncDispose]());
  const address = await transport.listen(frontend);
  const { port } = address;
  return { transport, address, port, url: `http://127.0.0.1:${port}`, errors };
}

/** A bare connection, for what no HTTP client sends. */
export async function open(port: number): Promise<Socket & { received(): string }> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return Object.assign(socket, { received: () => text });
}
