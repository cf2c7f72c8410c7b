import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../clock.js";
import { messageOf } from "../errors.js";
import type { Logger } from "../logger.js";

/**
 * Reads a config again every `every` ms, and applies it when it differs from the one that was applied last. A config
 * that cannot be read or applied is logged, once as long as it fails in the same way, and tried again the next time:
 * the fault may be gone (a file half written, a label whose version was still loading).
 *
 * `apply` may take its time; should the config change meanwhile, its signal aborts and the newer one is applied.
 * Resolves when `signal` aborts.
 * @param first what is applied already; absent: the first one read is applied
 */
export async function pollConfig<T>(
  read: (signal: AbortSignal) => Promise<T>,
  apply: (config: T, signal: AbortSignal) => Promise<void>,
  every: number,
  log: Logger,
  signal: AbortSignal,
  clock: Clock,
  first?: T,
): Promise<void> {
  let wanted = first;
  let complaint: string | undefined;
  let overtaken = new AbortController();
  let applying: Promise<void> | undefined;

  const complain = (error: unknown) => {
    const text = messageOf(error);
    if (text !== complaint) {
      // Mostly a typing error, whose text says all; the stack is for the day when it is not.
      log.error({}, `reading the config again: ${text}`);
      log.debug({ error }, "what was thrown while reading the config again");
    }
    complaint = text;
  };

  async function attempt(config: T, own: AbortController): Promise<void> {
    try {
      await apply(config, AbortSignal.any([signal, own.signal]));
      complaint = undefined;
      log.info({}, "the config was read again and is in effect");
    } catch (error) {
      if (own.signal.aborted || signal.aborted) return;
      // Not the one in effect: the next reading tries it again.
      wanted = undefined;
      complain(error);
    } finally {
      if (overtaken === own) applying = undefined;
    }
  }

  while (!signal.aborted) {
    await clock.sleep(every, signal).catch(() => {});
    if (signal.aborted) break;
    try {
      const config = await read(signal);
      if (signal.aborted) break;
      if (wanted !== undefined && isDeepStrictEqual(config, wanted)) {
        complaint = undefined;
        continue;
      }
      overtaken.abort();
      await applying;
      overtaken = new AbortController();
      wanted = config;
      applying = attempt(config, overtaken);
    } catch (error) {
      if (!signal.aborted) complain(error);
    }
  }
  await applying;
}
