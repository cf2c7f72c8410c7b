import type { Readable } from "node:stream";
import { type Clock, unavailable } from "../../../core/index.js";
import { wayTrouble } from "./trouble.js";

export type Pace = {
  /** The longest time without a byte, ms. */
  readonly timeout: number;
  /** Fewest bytes a second on average, whenever the reader has waited for `timeout`. */
  readonly minRate: number;
};

/**
 * The bytes of an answer, once. Only the time spent waiting for the server counts, and nobody can hold a download open
 * by a byte now and then. Whoever leaves, also before the first of them, frees the connection.
 * @param what is read, for people
 * @throws UNAVAILABLE; the signal's reason
 */
export function paced(
  body: Readable,
  { timeout, minRate }: Pace,
  clock: Clock,
  what: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const chunks = body.iterator() as AsyncIterator<Uint8Array>;
  const stall = () => body.destroy(new Error(`nothing came for ${timeout / 1000} s`));
  let waited = 0;
  let came = 0;
  // An error that nobody waits for at the time is told to the next reader.
  body.on("error", () => {});

  const keepPace = (ms: number, bytes: number) => {
    waited += ms;
    came += bytes;
    if (waited < timeout) return;
    if (came < (minRate * timeout) / 1000)
      throw unavailable(`cannot ${what}: only ${came} bytes came in ${Math.round(waited / 1000)} s`);
    waited = 0;
    came = 0;
  };

  const leave = async () => {
    body.destroy();
    return { done: true, value: undefined } as const;
  };
  const next = async () => {
    const asked = clock.now();
    const timer = setTimeout(stall, timeout);
    try {
      const chunk = await chunks.next();
      if (!chunk.done) keepPace(clock.now() - asked, chunk.value.length);
      return chunk;
    } catch (error) {
      await leave();
      signal.throwIfAborted();
      throw wayTrouble(what, error);
    } finally {
      clearTimeout(timer);
    }
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}
