import type { Worker } from "node:worker_threads";
import type { Clock } from "../clock.js";
import { messageOf, unavailable } from "../errors.js";
import type { Logger } from "../logger.js";
import type { MainCalls, ThreadCalls } from "./calls.js";
import { type Channel, openChannel } from "./channel.js";

/** An I/O thread as the main thread sees it. */
export type Thread = {
  /** From 1; a thread that replaces another has its number. */
  readonly number: number;
  readonly channel: Channel<ThreadCalls>;
};

export type ThreadPoolHouse = {
  readonly count: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly spawn: (number: number) => Worker;
  readonly callsFor: (thread: Thread) => MainCalls;
  /** Brings a thread that has booted up to date. It is among `threads` from this call on. */
  readonly introduce: (thread: Thread) => Promise<void>;
  readonly boot: (thread: Thread) => Promise<void>;
  /** The thread has ended, and with it all that it held. */
  readonly lost: (thread: Thread) => void;
};

/** Keeps so many I/O threads running: one that ends is replaced, while the others go on. */
export interface ThreadPool {
  readonly threads: ReadonlySet<Thread>;
  /** @throws when one cannot be started; none is left then */
  start(): Promise<void>;
  /** Ends them as they are. */
  close(): Promise<void>;
}

/** A thread that ended within this time of its start is not replaced at once. Milliseconds. */
const SETTLED = 60_000;
const LONGEST_PAUSE = 30_000;

const pauseAfter = (failures: number) => (failures === 0 ? 0 : Math.min(LONGEST_PAUSE, 500 * 2 ** failures));

export function createThreadPool(house: ThreadPoolHouse): ThreadPool {
  const { clock, log } = house;
  const threads = new Set<Thread>();
  const workers = new Map<Worker, Promise<unknown>>();
  const closing = new AbortController();
  let started = false;

  async function begin(number: number, failures = 0): Promise<void> {
    const worker = house.spawn(number);
    const born = clock.now();
    let failure: unknown;
    worker.on("error", (error) => {
      failure = error;
    });
    // The functions are asked for once there is a thread to ask for.
    const calls: { -readonly [K in keyof MainCalls]?: MainCalls[K] } = {};
    const channel = openChannel<ThreadCalls>(worker, calls as MainCalls, (name, error) =>
      log.error({ error, thread: number }, `"${name}" of an I/O thread failed: ${messageOf(error)}`),
    );
    const thread: Thread = { number, channel };
    Object.assign(calls, house.callsFor(thread));

    const ended = (code: number) => {
      workers.delete(worker);
      const known = threads.delete(thread);
      const why = failure === undefined ? `it ended with code ${code}` : messageOf(failure);
      channel.close(unavailable(`the I/O thread has ended: ${why}`, failure));
      if (known) house.lost(thread);
      if (closing.signal.aborted || !started) return;
      log.error(
        { thread: number, error: failure },
        `I/O thread ${number} is lost with its connections and is replaced; the others go on: ${why}`,
      );
      void replace(number, clock.now() - born < SETTLED ? failures + 1 : 0);
    };
    workers.set(worker, new Promise<void>((resolve) => worker.once("exit", (code) => resolve(ended(code)))));
    try {
      await house.boot(thread);
      threads.add(thread);
      await house.introduce(thread);
    } catch (error) {
      failure ??= error;
      await worker.terminate();
      throw error;
    }
  }

  async function replace(number: number, failures: number): Promise<void> {
    try {
      await clock.sleep(pauseAfter(failures - 1), closing.signal);
      await begin(number, failures);
      log.info({ thread: number }, `I/O thread ${number} is there again`);
    } catch {
      // It was told where the thread ended, and there the next attempt begins.
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.all([...workers].flatMap(([worker, ended]) => [worker.terminate(), ended]));
  }

  return {
    threads,
    start: async () => {
      try {
        await Promise.all(Array.from({ length: house.count }, (_, i) => begin(i + 1)));
        started = true;
      } catch (error) {
        const stopped = closing.signal.aborted;
        await close();
        throw stopped ? unavailable("the server is shutting down") : error;
      }
    },
    close,
  };
}
