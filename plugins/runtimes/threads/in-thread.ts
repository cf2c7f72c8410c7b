import { abortError } from "../../../core/index.js";
import { startThread, type Thread } from "./thread.js";

// Starting a thread costs far more than a small question: those that come one after another share one.
const IDLE_MS = 5_000;

type Resting = { readonly thread: Thread; readonly timer: NodeJS.Timeout };

/** By module, one each. */
const resting = new Map<string, Resting>();

function take({ href }: URL): Thread | undefined {
  const found = resting.get(href);
  if (!found) return undefined;
  resting.delete(href);
  clearTimeout(found.timer);
  return found.thread.alive ? found.thread : undefined;
}

function rest({ href }: URL, thread: Thread): void {
  if (!thread.alive || resting.has(href)) return void thread.stop();
  const timer = setTimeout(() => {
    resting.delete(href);
    void thread.stop();
  }, IDLE_MS).unref();
  resting.set(href, { thread, timer });
}

/**
 * Asks one question of a thread that has nothing else to do, and that ends when `signal` aborts.
 * @throws what the thread threw; CANCELLED or DEADLINE_EXCEEDED when `signal` aborts
 */
export async function inThread<Value>(
  module: URL,
  what: string,
  request: unknown,
  signal: AbortSignal,
): Promise<Value> {
  if (signal.aborted) throw abortError(signal);
  const thread = take(module) ?? startThread(module, what);
  const stop = () => void thread.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await thread.ask<Value>(request);
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    signal.removeEventListener("abort", stop);
    rest(module, thread);
  }
}
