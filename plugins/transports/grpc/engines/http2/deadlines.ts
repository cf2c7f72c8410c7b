import type { Stream } from "./stream.js";

/** setTimeout takes no more. */
const LONGEST = 2 ** 31 - 1;

/**
 * Has one timer for all of a connection's calls, set for the next deadline: a call costs nothing but a comparison, for
 * most end before. When it fires it looks through the calls.
 */
export function createDeadlines(streams: () => Iterable<Stream>, expire: (stream: Stream) => void) {
  let timer: NodeJS.Timeout | undefined;
  let next = Number.POSITIVE_INFINITY;

  function arm(deadline: number): void {
    next = deadline;
    clearTimeout(timer);
    timer = deadline === Number.POSITIVE_INFINITY ? undefined : setTimeout(fire, wait(deadline)).unref();
  }

  // Timers may fire a millisecond early.
  const wait = (deadline: number) => Math.min(LONGEST, Math.max(0, Math.ceil(deadline - Date.now())));

  function fire(): void {
    const now = Date.now();
    let earliest = Number.POSITIVE_INFINITY;
    const late: Stream[] = [];
    for (const stream of streams()) {
      if (stream.deadline <= now) late.push(stream);
      else if (stream.deadline < earliest) earliest = stream.deadline;
    }
    arm(earliest);
    for (const stream of late) expire(stream);
  }

  return {
    add: ({ deadline }: Stream): void => {
      if (deadline < next) arm(deadline);
    },
    stop: (): void => clearTimeout(timer),
  };
}
