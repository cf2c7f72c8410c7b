import { fileURLToPath } from "node:url";
import { type Config, createServer, type Server } from "salver";
import { builtins, threads } from "salver/plugins";
import { recordingLogger } from "salver/testing";

/** What a test and the plugin of `plugin.ts` share: the plugin is loaded again in each thread, and on its own in the main one. */
export type Control = {
  /** What each model's source says there is. */
  readonly seen: Map<string, readonly bigint[]>;
  readonly wake: Map<string, () => void>;
  /** By version: 1 once the owner has disposed it, and how often a run met that; in memory that all threads see. */
  readonly disposed: Int32Array;
  readonly violations: Int32Array;
};

const key = Symbol.for("salver.test.threads");
const registry = globalThis as unknown as Record<symbol, Control | undefined>;

export function newControl(): Control {
  const shared = () => new Int32Array(new SharedArrayBuffer(4 * 10_000));
  const control = { seen: new Map(), wake: new Map(), disposed: shared(), violations: shared() };
  registry[key] = control;
  return control;
}

export const sight = (control: Control, model: string, ...versions: readonly bigint[]): void => {
  control.seen.set(model, versions);
  control.wake.get(model)?.();
};

const plugin = fileURLToPath(new URL("./plugin.ts", import.meta.url));

export type Started = {
  readonly server: Server;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly rest: string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** A server with a REST port and models of the plugin's types. */
export async function startThreads(config: Partial<Config>, count = 2): Promise<Started> {
  const log = recordingLogger();
  const whole: Config = {
    plugins: [plugin],
    models: {},
    ioThreads: count,
    transports: [{ type: "rest", host: "127.0.0.1", port: 0 }],
    ...config,
  };
  const server = await createServer(whole, { plugins: builtins, threads, log });
  const [address] = await server.start();
  await server.settled;
  return { server, log, rest: `http://127.0.0.1:${address?.port}`, [Symbol.asyncDispose]: () => server.stop() };
}

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** One request on a connection of its own, so that the threads get them by turns. */
export async function ask(url: string, body?: unknown): Promise<Answer> {
  const reply = await fetch(url, {
    headers: { connection: "close" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : { text } };
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${what}`);
}
