import { setMaxListeners } from "node:events";
import { abortError, type Logger, messageOf, unavailable } from "../../../core/index.js";
import { startThread, type Thread } from "./thread.js";

export type PoolSetup = {
  readonly module: URL;
  /** Names a thread in errors and in the log. */
  readonly what: string;
  readonly size: number;
  /** The first question that a new thread is asked; it takes nothing else before it has answered. */
  readonly opening: unknown;
  readonly log: Logger;
};

/** Threads that were opened alike and share the questions, each one at a time, first come first served. */
export interface Pool<Opened> extends AsyncDisposable {
  /** What the first thread answered to the opening. */
  readonly opened: Opened;
  /**
   * An aborted caller is let go at once: a question that waits is dropped, the answer of one under way is. `transfer` is
   * given away when the question is sent.
   * @throws what the thread threw; UNAVAILABLE when it died; CANCELLED or DEADLINE_EXCEEDED when `signal` aborts
   */
  ask<Value>(request: unknown, signal: AbortSignal, transfer?: readonly ArrayBuffer[]): Promise<Value>;
}

type Job = { readonly run: (thread: Thread) => Promise<void>; readonly fail: (error: unknown) => void };

/** @throws what the opening throws in the thread; then no thread is left */
export async function openPool<Opened>(setup: PoolSetup, signal: AbortSignal): Promise<Pool<Opened>> {
  const { module, what, size, opening, log } = setup;
  const queue = new Set<Job>();
  const threads = new Set<Thread>();
  const idle: Thread[] = [];
  let closed = false;

  const open = async (): Promise<Opened> => {
    const thread = startThread(module, what);
    threads.add(thread);
    try {
      const opened = await thread.ask<Opened>(opening);
      serve(thread);
      return opened;
    } catch (error) {
      threads.delete(thread);
      await thread.stop();
      throw error;
    }
  };

  const replace = (thread: Thread) => {
    threads.delete(thread);
    if (closed) return;
    log.error({}, `${what} has died; another one is started`);
    open().catch((error: unknown) => {
      if (closed) return;
      log.error({ error }, `${what} could not be started again: ${messageOf(error)}`);
      // Nobody is left to take what waits; the next question tries to start one.
      if (threads.size === 0) failAll(unavailable(`${what} could not be started again`, error));
    });
  };

  const failAll = (error: unknown) => {
    for (const job of queue) job.fail(error);
    queue.clear();
  };

  const serve = (thread: Thread) => {
    if (!thread.alive) return replace(thread);
    const [job] = queue;
    if (!job) {
      idle.push(thread);
      return;
    }
    queue.delete(job);
    void job.run(thread).then(() => serve(thread));
  };

  const enqueue = (job: Job) => {
    queue.add(job);
    const thread = idle.pop();
    if (thread) serve(thread);
    else if (threads.size === 0) open().catch(failAll);
  };

  const ask = <Value>(request: unknown, wanted: AbortSignal, transfer: readonly ArrayBuffer[] = []) =>
    new Promise<Value>((resolve, reject) => {
      if (wanted.aborted) return reject(abortError(wanted));
      if (closed) return reject(unavailable(`${what} was closed`));
      const settled = () => wanted.removeEventListener("abort", abort);
      const job: Job = {
        run: (thread) => thread.ask<Value>(request, transfer).then(resolve, reject).finally(settled),
        fail: (error) => {
          settled();
          reject(error);
        },
      };
      const abort = () => {
        queue.delete(job);
        reject(abortError(wanted));
      };
      // One signal may stand for many questions, which Node would take for a leak.
      setMaxListeners(0, wanted);
      wanted.addEventListener("abort", abort, { once: true });
      enqueue(job);
    });

  const close = async () => {
    closed = true;
    failAll(unavailable(`${what} was closed`));
    await Promise.all([...threads].map((thread) => thread.stop()));
  };
  const abort = () => void close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const [opened] = await Promise.all(Array.from({ length: size }, open));
    return { opened: opened as Opened, ask, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
