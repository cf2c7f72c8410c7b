import { resourceExhausted, ServingError, spawnWorker, unavailable } from "../../../core/index.js";
import type { Question, Reply } from "./messages.js";

/** A worker thread that answers questions. */
export interface Thread {
  /** Whether it can still be asked. */
  readonly alive: boolean;
  /** @throws what the thread threw; UNAVAILABLE or RESOURCE_EXHAUSTED once it has died */
  ask<Value>(request: unknown, transfer?: readonly ArrayBuffer[]): Promise<Value>;
  /** Ends it, whatever it is doing. */
  stop(): Promise<void>;
}

type Waiting = { resolve(value: never): void; reject(error: unknown): void };

/**
 * A thread that runs `module`, which calls `answerQuestions`. An idle one does not keep the process alive.
 * @param what names the thread in errors: "the thread that builds the table"
 */
export function startThread(module: URL, what: string): Thread {
  const worker = spawnWorker(module);
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let dead: ServingError | undefined;

  const die = (error: ServingError) => {
    dead ??= error;
    for (const { reject } of waiting.values()) reject(dead);
    waiting.clear();
  };
  worker.on("message", (reply: Reply) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ("code" in reply) {
      one?.reject(new ServingError(reply.code, reply.message, { cause: reply.detail || undefined }));
    } else one?.resolve(reply.value as never);
  });
  worker.on("error", (error: Error & { readonly code?: string }) => {
    const full = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    die(full ? resourceExhausted(`${what} ran out of memory`, error) : unavailable(`${what} failed`, error));
  });
  worker.on("exit", (code) => die(unavailable(`${what} ended with code ${code}`)));
  worker.unref();

  return {
    get alive() {
      return dead === undefined;
    },
    ask: (request, transfer = []) => {
      if (dead) return Promise.reject(dead);
      const id = asked++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ id, request } satisfies Question, transfer);
      });
    },
    stop: async () => {
      die(unavailable(`${what} was stopped`));
      await worker.terminate();
    },
  };
}
