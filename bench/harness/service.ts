import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, type Command, startChild } from "./child.js";

/** A server in a process of its own. */
export type Service = AsyncDisposable & {
  readonly name: string;
  readonly ports: { readonly grpc?: number; readonly rest?: number };
  readonly child: Child;
  /** ms from the start of its process to its first right answer. */
  readonly startMs: number;
};

export type ServiceSettings = Command & {
  readonly name: string;
  readonly ports: Service["ports"];
  /** Resolves when it can be asked; is called again while it rejects. */
  readonly ready: (ports: Service["ports"]) => Promise<unknown>;
};

const PATIENCE = 90_000;

/** @throws with what it wrote when it ends, or is not ready in time */
export async function startService({ name, ports, ready, ...command }: ServiceSettings): Promise<Service> {
  const start = performance.now();
  const child = startChild(command);
  const poll = async () => {
    for (let failure: unknown; ; await sleep(10)) {
      try {
        return await ready(ports);
      } catch (error) {
        failure = error;
      }
      if (performance.now() - start > PATIENCE) throw new Error(`${name} is not ready: ${failure}`);
    }
  };
  try {
    await Promise.race([poll(), child.ended]);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  const startMs = performance.now() - start;
  return { name, ports, child, startMs, [Symbol.asyncDispose]: child[Symbol.asyncDispose] };
}

/** Resolves when the port takes connections. */
export async function connects(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}
