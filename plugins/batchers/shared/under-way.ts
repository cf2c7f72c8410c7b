import type { BatchEvent, Clock, CodeName, Telemetry } from "../../../core/index.js";
import type { BatchLimit } from "./aimd.js";
import type { RunTimes } from "./run-times.js";

/** One batch that runs. `at`: its place among those under way. */
export type Run = { readonly event: BatchEvent; readonly since: number; at: number };

/** The batches that run: told of when they begin and end, and learnt from. */
export interface UnderWay {
  /** `now` by the clock. */
  begin(event: BatchEvent, now: number): Run;
  /** To be called once, however it ended; `again` where it was one request of a batch that was refused. */
  end(run: Run, code: CodeName, again: boolean): void;
  /** Milliseconds until the first of them has ended, at the soonest; Infinity when there is none. */
  soonestEnd(now: number): number;
  readonly count: number;
}

type House = {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "batchStarted" | "batchEnded">;
  readonly runTimes: RunTimes;
  readonly limit: BatchLimit | undefined;
};

export function createUnderWay({ clock, telemetry, runTimes, limit }: House): UnderWay {
  // No set: one would give each run a hash, which takes longer than all else here.
  const runs: Run[] = [];

  function forget({ at }: Run): void {
    const last = runs.pop()!;
    if (at === runs.length) return;
    runs[at] = last;
    last.at = at;
  }

  return {
    begin: (event, since) => {
      telemetry.batchStarted(event);
      const run = { event, since, at: runs.length };
      runs.push(run);
      return run;
    },

    end: (run, code, again) => {
      const { event, since } = run;
      const now = clock.now();
      const milliseconds = now - since;
      forget(run);
      // One that was given up says only that it would have taken longer.
      if (code === "OK" || (abandoned.has(code) && milliseconds > runTimes.least(event.size, now))) {
        runTimes.learn(event.size, milliseconds, now);
      }
      if (limit && code === "OK" && !again) {
        const { rows, waits, closed } = event;
        limit.observe({ rows, limited: closed === "full", wait: Math.max(0, ...waits), run: milliseconds });
      }
      telemetry.batchEnded({ batch: event, code, milliseconds });
    },

    soonestEnd: (now) => {
      let end = Number.POSITIVE_INFINITY;
      for (const { since, event } of runs) end = Math.min(end, since + runTimes.least(event.size, now));
      return Math.max(0, end - now);
    },

    get count() {
      return runs.length;
    },
  };
}

const abandoned: ReadonlySet<CodeName> = new Set(["CANCELLED", "DEADLINE_EXCEEDED"]);
