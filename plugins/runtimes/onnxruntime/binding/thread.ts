import type { Worker } from "node:worker_threads";
import { internal, spawnWorker } from "../../../../core/index.js";
import type { RunRequest, WorkerMessage, WorkerSetup } from "./messages.js";

/** A worker thread with one session, which answers one request at a time. */
export interface SessionThread {
  /** The first message, sent when the session has been opened or has failed to. */
  readonly opened: Promise<WorkerMessage>;
  /** Law: not before the last one has been answered. @throws INTERNAL once the thread has died */
  ask(request: RunRequest, transfer: readonly ArrayBuffer[]): Promise<WorkerMessage>;
  /** Releases the session and ends the thread. */
  close(): Promise<void>;
}

export function startThread(setup: WorkerSetup): SessionThread {
  const worker: Worker = spawnWorker(new URL("./session.worker.js", import.meta.url), { workerData: setup });
  let waiting: { resolve(message: WorkerMessage): void; reject(error: unknown): void } | undefined;
  let dead: unknown;

  const next = () =>
    new Promise<WorkerMessage>((resolve, reject) => {
      if (dead) return reject(dead);
      // An idle session must not keep the process alive, one at work must.
      worker.ref();
      waiting = { resolve, reject };
    });
  const settle = () => {
    const pending = waiting;
    waiting = undefined;
    worker.unref();
    return pending;
  };
  const die = (error: unknown) => {
    dead ??= internal("the thread that ran the model has ended", error);
    settle()?.reject(dead);
  };

  worker.on("message", (message: WorkerMessage) => settle()?.resolve(message));
  worker.on("error", die);
  worker.on("exit", () => die(undefined));

  return {
    opened: next(),
    ask: (request, transfer) => {
      const answer = next();
      if (!dead) worker.postMessage(request, transfer);
      return answer;
    },
    close: () =>
      new Promise<void>((resolve) => {
        if (dead) return resolve();
        worker.ref();
        worker.once("exit", () => resolve());
        worker.postMessage("close");
      }),
  };
}
