import type { DownloadEvent, DownloadListener, LogFn, Logger } from "../../core/index.js";
import { type ProgressSink, progressDisplay } from "./progress.js";

type Download = Pick<DownloadEvent, "model" | "version" | "done" | "size">;

const MB = 1e6;

function wordsOf(all: readonly Download[], done: number, size: number): string {
  const [first] = all;
  const what = all.length === 1 && first ? `${first.model} ${first.version}` : `${all.length} versions`;
  return `fetching ${what}, ${(done / MB).toFixed(0)} of ${(size / MB).toFixed(0)} MB`;
}

/**
 * One bar on a terminal for all downloads under way whose sizes are known; on anything else nothing, for there the log
 * says what has come.
 */
export function downloadProgress(sink: ProgressSink, now?: () => number) {
  const display = progressDisplay(sink, now);
  const underWay = new Map<string, Download>();
  const keyOf = ({ model, version }: Pick<Download, "model" | "version">) => `${model} ${version}`;

  function draw(): void {
    const all = [...underWay.values()].filter((each) => each.size !== undefined && each.size > 0);
    if (all.length === 0) {
      display.done();
      return;
    }
    const done = all.reduce((sum, each) => sum + each.done, 0);
    const size = all.reduce((sum, each) => sum + (each.size ?? 0), 0);
    display.show(wordsOf(all, done, size), done / size);
  }

  const listener: DownloadListener = {
    downloaded: (event) => {
      if (!sink.isTTY) return;
      underWay.set(keyOf(event), event);
      draw();
    },
    downloadEnded: (event) => {
      if (underWay.delete(keyOf(event))) draw();
    },
  };

  /** A logger whose lines do not end up in the middle of the bar. */
  function around(log: Logger): Logger {
    const clearing =
      (write: LogFn): LogFn =>
      (fields, message) => {
        display.done();
        write(fields, message);
      };
    return {
      debug: clearing(log.debug),
      info: clearing(log.info),
      warn: clearing(log.warn),
      error: clearing(log.error),
      child: (fields) => around(log.child(fields)),
    };
  }

  return { listener, around };
}
