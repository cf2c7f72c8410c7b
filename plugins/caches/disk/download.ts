import { backoff } from "../../../artifacts/backoff.js";
import { retryAfterOf } from "../../../artifacts/retry-after.js";
import {
  type Clock,
  dataLoss,
  type Fetched,
  isServingError,
  type Logger,
  messageOf,
  type RemoteFile,
  ServingError,
  unavailable,
} from "../../../core/index.js";
import type { Part } from "./part.js";
import { orAborted, promptly } from "./promptly.js";

export type DownloadRules = {
  /** Attempts at one file, the first included. */
  readonly attempts: number;
  /** The first pause between them, ms; each is about twice as long as the one before, up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** How long no byte may come before it counts as a break, ms. */
  readonly silence: number;
};

export type DownloadHouse = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: DownloadRules;
  /** So many bytes have come from there. */
  readonly received: (bytes: number) => void;
};

/** The break that is told, should there be so many in a row. */
const WORTH_SAYING = 4;

/**
 * Fills a part with the rest of its file, in several attempts if need be; what is there already is not fetched again
 * where it is sure to be of the same file.
 * @throws ServingError as `RemoteFile.fetch`; DATA_LOSS when the file is not as long as announced
 */
export async function download(
  file: RemoteFile,
  part: Part,
  what: string,
  signal: AbortSignal,
  house: DownloadHouse,
): Promise<void> {
  const { attempts, firstPause: first, longestPause: most } = house.rules;
  const pauses = backoff({ first, most });
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchRest(file, part, what, signal, house);
    } catch (error) {
      signal.throwIfAborted();
      if (!isServingError(error) || error.code !== "UNAVAILABLE" || attempt >= attempts) throw error;
      const pause = pauses.next(retryAfterOf(error));
      // What mends itself is not worth waking anybody, and the load says it when nothing does.
      house.log[attempt === WORTH_SAYING ? "warn" : "debug"](
        { file: file.path, attempt, bytes: part.length },
        `fetching ${what} broke at byte ${part.length}, going on in ${Math.ceil(pause)} ms (${attempts - attempt} left): ${messageOf(error)}`,
      );
      await house.clock.sleep(pause, signal);
    }
  }
}

/** The length of the whole file, where it is known by now. */
const sizeOf = (file: RemoteFile, part: Part) => file.size ?? part.mark.size;

async function fetchRest(
  file: RemoteFile,
  part: Part,
  what: string,
  signal: AbortSignal,
  { rules, received }: DownloadHouse,
): Promise<void> {
  if (!mayGoOn(file, part)) await part.clear();
  if (part.length > 0 && part.length === sizeOf(file, part)) return;
  const silent = new AbortController();
  const either = AbortSignal.any([signal, silent.signal]);
  const hurry = () =>
    silent.abort(unavailable(`${what}: nothing came for ${rules.silence / 1000} s after byte ${part.length}`));
  const watch = setTimeout(hurry, rules.silence);
  try {
    const { etag, size, bytes } = await answer(file, part, what, either);
    await part.begin({ etag, size });
    const whole = sizeOf(file, part);
    for await (const piece of promptly(bytes, either)) {
      watch.refresh();
      if (whole !== undefined && part.length + piece.length > whole)
        throw dataLoss(`${what} is longer than the ${whole} bytes that were announced`);
      await part.append(piece);
      received(piece.length);
    }
    if (whole !== undefined && part.length < whole)
      throw unavailable(`${what} ended after ${part.length} of ${whole} bytes`);
  } catch (error) {
    throw either.aborted ? either.reason : asBreak(error, what);
  } finally {
    clearTimeout(watch);
  }
}

/** Bytes are put together only if a checksum will tell, or both are of one ETag. */
const mayGoOn = (file: RemoteFile, part: Part) => file.sha256 !== undefined || part.mark.etag !== undefined;

/** An answer that goes on where the part ends; the part is empty when what it has is of another file. */
async function answer(file: RemoteFile, part: Part, what: string, signal: AbortSignal): Promise<Fetched> {
  const ask = async (offset: number) => {
    const fetched = await orAborted(file.fetch(offset, signal), signal, leave);
    try {
      check(file, fetched, what);
    } catch (error) {
      leave(fetched);
      throw error;
    }
    return fetched;
  };
  const { length, mark } = part;
  const fetched = await ask(length);
  if (length === 0 && fetched.offset === 0) return fetched;
  const same = mark.etag === undefined ? fetched.etag === undefined : mark.etag === fetched.etag;
  if (fetched.offset === length && (same || file.sha256 !== undefined)) return fetched;
  await part.clear();
  if (fetched.offset === 0) return fetched;
  leave(fetched);
  const anew = await ask(0);
  if (anew.offset === 0) return anew;
  leave(anew);
  throw unavailable(`${what}: asked for all of it, its server sent what comes after byte ${anew.offset}`);
}

function check(file: RemoteFile, { etag, size }: Fetched, what: string): void {
  if (file.etag !== undefined && etag !== undefined && etag !== file.etag)
    throw new ServingError("ABORTED", `${what} is another by now: its ETag is ${etag}, it was ${file.etag}`);
  if (file.size !== undefined && size !== undefined && size !== file.size)
    throw dataLoss(`${what} has ${size} bytes, ${file.size} were announced`);
}

const leave = ({ bytes }: Fetched) =>
  void bytes[Symbol.asyncIterator]()
    .return?.()
    ?.then(undefined, () => {});

/** What a connection throws is no ServingError; the disk's errors are `explained` where they arise. */
function asBreak(error: unknown, what: string): unknown {
  return isServingError(error) ? error : unavailable(`${what}: the connection broke: ${messageOf(error)}`, error);
}
