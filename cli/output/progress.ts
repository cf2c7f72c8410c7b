/** Where progress is shown: a terminal redraws one line, anything else gets a line now and then. */
export type ProgressSink = {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
};

/** How far some work is. */
export interface ProgressDisplay {
  /** `share`: from 0 to 1. */
  show(what: string, share: number): void;
  /** Clears the line that is redrawn, at the end or for something else to be written. */
  done(): void;
}

const WIDTH = 30;
const REDRAW_MS = 100;
/** Off a terminal a line at each of as many parts. */
const PARTS = 4;

const bar = (share: number): string => {
  const full = Math.round(share * WIDTH);
  return `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
};

export function progressDisplay(sink: ProgressSink, now: () => number = () => performance.now()): ProgressDisplay {
  let [last, drawn, shown] = [Number.NEGATIVE_INFINITY, false, ""];
  if (!sink.isTTY) {
    return {
      show: (what, share) => {
        const line = `${what}: ${Math.floor(Math.floor(share * PARTS) * (100 / PARTS))} %`;
        if (line !== shown) sink.write(`${line}\n`);
        shown = line;
      },
      done: () => {},
    };
  }
  return {
    show: (what, share) => {
      if (share < 1 && now() - last < REDRAW_MS) return;
      last = now();
      drawn = true;
      sink.write(`\r\x1b[2K${what} ${bar(share)} ${Math.floor(share * 100)} %`);
    },
    done: () => {
      if (drawn) sink.write("\r\x1b[2K");
      drawn = false;
    },
  };
}
