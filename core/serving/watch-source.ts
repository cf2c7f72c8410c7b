import type { Clock } from "../clock.js";
import { messageOf } from "../errors.js";
import type { Logger } from "../logger.js";
import type { Artifact, Source } from "../source.js";

const firstPause = 1000;
const longestPause = 60_000;

/** Hands on what a source sees until `signal` aborts. A source that breaks is watched again, after growing pauses. */
export async function watchSource(
  source: Source,
  sight: (versions: readonly Artifact[]) => void,
  signal: AbortSignal,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  let pause = firstPause;
  while (!signal.aborted) {
    try {
      for await (const { versions } of source.watch(signal)) {
        pause = firstPause;
        if (signal.aborted) return;
        sight(versions);
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error }, `the source broke, watching it again in ${pause / 1000} s: ${messageOf(error)}`);
      await clock.sleep(pause, signal).catch(() => {});
      pause = Math.min(pause * 2, longestPause);
    }
  }
}
