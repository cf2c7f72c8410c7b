import type { Clock } from "../clock.js";
import type { MetricsPage } from "../metrics-page.js";
import type { Thread } from "./thread-pool.js";

/** The one metrics page of a server with several threads. */
export interface ThreadCounts {
  render(): Promise<string>;
  lost(thread: Thread): void;
}

/** A thread that is held up for longer than this, in milliseconds, is shown as it was at the page before. */
const PATIENCE = 1000;

/** Each thread counts for itself; the counts come together when the page is asked for. */
export function createThreadCounts(
  page: MetricsPage | undefined,
  threads: ReadonlySet<Thread>,
  clock: Clock,
): ThreadCounts {
  const last = new Map<Thread, unknown>();

  async function collect(thread: Thread): Promise<void> {
    const over = new AbortController();
    const counted = thread.channel.call("counted", undefined).then((counts) => {
      if (threads.has(thread)) last.set(thread, counts);
    });
    await Promise.race([counted.finally(() => over.abort()), clock.sleep(PATIENCE, over.signal)]).catch(() => {});
  }

  return {
    render: async () => {
      await Promise.all([...threads].map(collect));
      return (await page?.render([...last.values()])) ?? "";
    },
    lost: (thread) => {
      // Counters do not go back because a thread has ended.
      if (last.has(thread)) page?.absorb?.(last.get(thread));
      last.delete(thread);
    },
  };
}
