import type { Readable } from "node:stream";

/**
 * The bytes of an answer. Ends with an error when nothing has come for `idle` ms, or `signal` aborts; a reader that takes
 * its time is not the server's fault and does not count.
 */
export async function* bytesOf(body: Readable, idle: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const abort = () => body.destroy(signal.reason as Error);
  const stall = () => body.destroy(new Error(`nothing came for ${idle / 1000} s`));
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    for (;;) {
      const timer = setTimeout(stall, idle);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    body.destroy();
  }
}
