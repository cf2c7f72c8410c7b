import { unavailable } from "../../../core/index.js";

/** Counts the runs of one session, so that nothing is released under them. */
export interface InFlight {
  /** @throws UNAVAILABLE once `close` has been called */
  enter(): void;
  leave(): void;
  /** No run enters any more; after the last one has left, `release` is called, once. Later calls wait for the same. */
  close(release: () => Promise<void>): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let empty: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  return {
    enter: () => {
      if (closing) throw unavailable("the model is unloading");
      count++;
    },
    leave: () => {
      count--;
      if (count === 0) empty?.();
    },
    close: (release) => {
      closing ??= new Promise<void>((resolve) => {
        if (count === 0) resolve();
        else empty = resolve;
      }).then(release);
      return closing;
    },
  };
}
