import type { Readable } from "node:stream";

export type Reading = {
  /** How long nothing may come while it is read, ms: a reader that takes its time is not the server's fault. */
  readonly idle: number;
  readonly signal: AbortSignal;
  /** What a reader is told of an error of the stream's. */
  readonly explain: (error: unknown) => Error;
};

/** The bytes of an answer, once. Whoever leaves, also before the first of them, frees the connection. */
export function bytesOf(body: Readable, { idle, signal, explain }: Reading): AsyncIterable<Uint8Array> {
  const chunks = body.iterator() as AsyncIterator<Uint8Array>;
  const abort = () => body.destroy(signal.reason as Error);
  const stall = () => body.destroy(new Error(`nothing came for ${idle / 1000} s`));
  // An error that nobody waits for at the time is told to the next reader.
  body.on("error", () => {});
  body.once("close", () => signal.removeEventListener("abort", abort));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });

  const next = async () => {
    const timer = setTimeout(stall, idle);
    try {
      return await chunks.next();
    } catch (error) {
      signal.throwIfAborted();
      throw explain(error);
    } finally {
      clearTimeout(timer);
    }
  };
  const leave = async () => {
    body.destroy();
    return { done: true, value: undefined } as const;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}
